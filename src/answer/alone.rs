//! Whether a few copied words can be taken for the answer by themselves. A small model that must choose among several
//! names or numbers of a sentence chooses as good as blindly; the sentence alone is then the better answer.

use std::collections::BTreeSet;

use super::facts::numbers;
use crate::retrieve::is_han;

/// Latin words that join others: the next one beyond them counts.
const JOINERS: [&str; 34] = [
    "a", "an", "the", "of", "in", "on", "at", "to", "for", "by", "with", "from", "as", "was",
    "were", "is", "are", "been", "be", "had", "has", "have", "and", "that", "who", "which", "its",
    "his", "her", "their", "just", "only", "about", "some",
];
/// The same in Chinese.
const HAN_JOINERS: &str = "的是为為由在了于於共约約有被叫、，：:“”《》（）() ";
/// Joiners passed over on either side.
const PASSED: usize = 3;
/// Letters that two forms of a word share from the beginning, at least.
const STEM: usize = 4;

/// Whether `answer`, copied from `sentence`, is what the question asks for as far as can be told from the two: it is the only
/// number or name there that the question does not hold itself, or stands right beside words of the question.
pub(crate) fn is_the_one(question: &str, sentence: &str, answer: &str) -> bool {
    if says_the_question_again(question, answer) {
        return false;
    }
    let rivals = if answer.chars().any(|letter| letter.is_ascii_digit()) {
        others(&numbers(sentence), &numbers(answer), &numbers(question))
    } else if answer.chars().any(is_han) {
        // Nothing tells where a Chinese name begins and ends.
        1
    } else if answer.chars().next().is_some_and(char::is_uppercase) {
        others(&names(sentence), &names(answer), &names(question))
    } else {
        1
    };
    rivals == 0 || is_tied(question, sentence, answer)
}

/// Whether more than half of the answer is the question's own words, or pairs of characters.
fn says_the_question_again(question: &str, answer: &str) -> bool {
    let (question, answer) = (question.to_lowercase(), answer.to_lowercase());
    let letters: Vec<char> = answer.chars().filter(|letter| is_han(*letter)).collect();
    let (again, all) = if letters.len() > 1 {
        let held = |pair: &&[char]| question.contains(&pair.iter().collect::<String>());
        (letters.windows(2).filter(held).count(), letters.len() - 1)
    } else {
        let asked: Vec<&str> = words(&question).collect();
        let held = |word: &&str| asked.contains(word);
        (words(&answer).filter(held).count(), words(&answer).count())
    };
    again * 2 > all
}

/// How many of `all` are neither in the answer nor in the question.
fn others(all: &BTreeSet<String>, answer: &BTreeSet<String>, question: &BTreeSet<String>) -> usize {
    let known = |one: &&String| {
        let within =
            |names: &BTreeSet<String>| names.iter().any(|name| name.contains(one.as_str()));
        !within(answer) && !within(question)
    };
    all.iter().filter(known).count()
}

/// Runs of capitalized Latin words, without one that only begins a sentence.
fn names(text: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut run: Vec<&str> = Vec::new();
    let mut close = |run: &mut Vec<&str>, begins: bool| {
        let lone = run.len() == 1 && (begins || JOINERS.contains(&run[0].to_lowercase().as_str()));
        if !run.is_empty() && !lone {
            found.insert(run.join(" "));
        }
        run.clear();
    };
    let mut first = 0;
    for (at, word) in text.split_whitespace().enumerate() {
        let bare = word.trim_matches(|letter: char| !letter.is_alphanumeric());
        if bare.chars().next().is_some_and(char::is_uppercase) {
            if run.is_empty() {
                first = at;
            }
            run.push(bare);
            if word.ends_with([',', ';', ':', ')', '.', '?']) {
                close(&mut run, first == 0);
            }
        } else {
            close(&mut run, first == 0);
        }
    }
    close(&mut run, first == 0);
    found
}

/// Whether the answer stands beside words of the question somewhere in the sentence.
fn is_tied(question: &str, sentence: &str, answer: &str) -> bool {
    let (question, sentence) = (question.to_lowercase(), sentence.to_lowercase());
    let answer = answer.to_lowercase();
    let asked: Vec<&str> = words(&question).collect();
    sentence.match_indices(&answer).any(|(from, found)| {
        let (before, after) = (&sentence[..from], &sentence[from + found.len()..]);
        han_beside(&question, before, after)
            || latin_beside(&asked, words(before).rev())
            || latin_beside(&asked, words(after))
    })
}

fn words(text: &str) -> impl DoubleEndedIterator<Item = &str> {
    text.split(|letter: char| !letter.is_ascii_alphanumeric() && letter != '\'')
        .filter(|word| !word.is_empty())
}

fn latin_beside<'a>(asked: &[&str], beside: impl Iterator<Item = &'a str>) -> bool {
    let next = beside.take(PASSED + 1).find(|word| !JOINERS.contains(word));
    next.is_some_and(|next| asked.iter().any(|word| are_alike(word, next)))
}

fn are_alike(left: &str, right: &str) -> bool {
    let stem = |word: &str| word.len().min(STEM.max(word.len().saturating_sub(3)));
    let shared = stem(left).min(stem(right));
    left == right || shared >= STEM && left.as_bytes()[..shared] == right.as_bytes()[..shared]
}

fn han_beside(question: &str, before: &str, after: &str) -> bool {
    // A date between an answer and its verb says nothing against it.
    let joins = |letter: &char| {
        HAN_JOINERS.contains(*letter) || letter.is_ascii_digit() || "年月日".contains(*letter)
    };
    let pair = |letters: Vec<char>| letters.len() == 2 && letters.iter().copied().all(is_han);
    let left: Vec<char> = before.chars().rev().skip_while(joins).take(2).collect();
    let right: Vec<char> = after.chars().skip_while(joins).take(2).collect();
    let left: Vec<char> = left.into_iter().rev().collect();
    [left, right].into_iter().any(|side| {
        let text: String = side.iter().collect();
        pair(side) && question.contains(&text)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLOCKS: &str = "Julius E. Pitrap patented the computing scale in 1885; Alexander Dey invented the dial recorder \
                          (1888); Herman Hollerith patented the Electric Tabulating Machine (1889).";

    #[test]
    fn of_several_names_only_the_one_beside_the_question_is_taken() {
        let asked = "Who invented the dial recorder?";
        assert!(is_the_one(asked, CLOCKS, "Alexander Dey"));
        assert!(!is_the_one(asked, CLOCKS, "Julius E. Pitrap"));
        assert!(!is_the_one(asked, CLOCKS, "Herman Hollerith"));
        assert!(!is_the_one(
            "Which city is IBM headquartered in?",
            "IBM is headquartered in Armonk, New York.",
            "New York"
        ));
        assert!(is_the_one(
            "Who founded the library?",
            "The library was founded by Anna Petersen.",
            "Anna Petersen"
        ));
    }

    #[test]
    fn of_several_numbers_only_the_one_beside_the_question_is_taken() {
        let scored = "The defense gave up just 308 points, ranking sixth, with 24 interceptions.";
        assert!(is_the_one(
            "How many points did the defense surrender?",
            scored,
            "308"
        ));
        assert!(!is_the_one(
            "What was the rank of the defense?",
            scored,
            "24"
        ));
        assert!(!is_the_one(
            "When was the Electric Tabulating Machine patented?",
            CLOCKS,
            "1885"
        ));
        assert!(is_the_one(
            "When was it lit?",
            "The lighthouse was lit in 1893.",
            "1893"
        ));
    }

    #[test]
    fn chinese_words_count_beside_words_of_the_question() {
        let built = "石桥由工匠李原主持修建，由清河县出资。";
        assert!(is_the_one("石桥由谁主持修建？", built, "工匠李原"));
        assert!(is_the_one(
            "石桥由谁修建？",
            "石桥由李原在1605年修建。",
            "李原"
        ));
        assert!(!is_the_one("谁批准了预算？", built, "清河县"));
        assert!(!is_the_one(
            "工匠李原为谁修建石桥？",
            built,
            "工匠李原主持修建"
        ));
        assert!(!is_the_one(
            "谁可以不享受年休假？",
            "职工有下列情形之一的，不享受当年的年休假。",
            "职工"
        ));
    }
}
