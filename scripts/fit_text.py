"""Questions and passages as src/retrieve/coverage.rs reads them, for fit_retrieval.py. Simplification of traditional characters
is left to the Rust code: passages and questions of one set agree on their script."""
import re
import unicodedata

import snowballstemmer

RUN = re.compile(r"[㐀-鿿豈-﫿]+|[a-z0-9À-ɏ]+(?:[-._/:'%][a-z0-9À-ɏ]+)*%?")
HAN = re.compile(r"[㐀-鿿豈-﫿]")
HOLLOW = set("的了是在有和與与及或为為之其何什么麼哪谁誰吗嗎呢几幾多少怎样樣如请請问問于於被把對对从從到以而且也都就这這那个個些一")
STEM = snowballstemmer.stemmer("english").stemWord


def constant(name, file="amount"):
    """A pattern of src/retrieve, which stays the only place where it is written."""
    source = open(f"src/retrieve/{file}.rs", encoding="utf-8").read()
    text = re.search(rf'static {name}.*?Regex::new\(\s*"(.*?)",\s*\)', source, re.S).group(1)
    return re.compile(re.sub(r"\\\n\s*", "", text).replace("\\\\", "\\"))


def words(path, name):
    """A list of words of the program, which stays the only place where it is written."""
    return re.search(rf"const {name}: &(?:str|\[&str\]) = (.*?);", open(path, encoding="utf-8").read(), re.S).group(1)


# As src/retrieve/codes.rs: letters, then a digit somewhere; no fiscal years, quarters or versions.
CODE = re.compile(r"[a-z0-9]+(?:[-_./,:+@ ‐–—−][a-z0-9]+)*")
PERIOD = re.compile(r"(?:fy|cy|[qhv])\d.*")

ASKS, NUMBER, ASKING = constant("ASKS"), constant("NUMBER"), constant("ASKING", "words")
FUNCTION = {STEM(word) for word in re.findall("[a-z]+", words("ingest/src/lexical/function_words.rs", "WORDS"))}
FUNCTION |= set(re.findall("[a-z]+", words("src/retrieve/words.rs", "ASKING_WORDS")))


def terms(text):
    out = []
    for run in RUN.findall(unicodedata.normalize("NFKC", text).lower()):
        if HAN.match(run[0]):
            out += [("c", character) for character in run] + [("b", run[i:i + 2]) for i in range(len(run) - 1)]
            continue
        parts = [part for part in re.split(r"[-._/:'%]", run) if part and part != "s"]
        out += [("n", part) if any(c.isdigit() for c in part) else ("l", STEM(part)) for part in parts]
        if len(parts) > 1:
            out.append(("n", run))
    return out


def worth(term):
    kind, form = term
    if kind in "cb":
        hollow = sum(character in HOLLOW for character in form)
        return (0.0 if hollow else 0.5) if kind == "c" else (1.0, 0.6, 0.2)[hollow]
    return 1.2 if kind == "n" else 0.1 if form in FUNCTION else 1.0


def codes(text):
    """What a question names exactly, as patterns that find it however its parts are joined."""
    words = CODE.findall(unicodedata.normalize("NFKC", text).lower().replace(" ", "\n"))
    plain = (re.sub(r"[^a-z0-9]", "", word) for word in words)
    named = [word for word in plain if re.match(r"[a-z]+\d", word) and not PERIOD.fullmatch(word)]
    return [re.compile(r"(?<![a-z0-9])" + "[-_./,:+@ ‐–—−]?".join(word) + r"(?![a-z0-9])") for word in named]


class Question:
    def __init__(self, text):
        rest = ASKING.sub(" ", text)
        about = set(terms(rest if any(character.isalnum() for character in rest) else text))
        self.text, self.asked_with = text, len(set(terms(text)))
        self.terms = {term: worth(term) for term in terms(text) if term in about}
        self.total = sum(self.terms.values()) or 1
        self.heavy = sorted(self.terms, key=lambda term: -self.terms[term])[:max(1, len(self.terms) // 3)]
        self.numbers = [term for term in self.terms if term[0] == "n"]
        self.amount, self.codes = bool(ASKS.search(text)), codes(text)
        self.known = {found.lower() for found in NUMBER.findall(text)}
        solid = [character for character in text if not character.isspace()]
        self.chinese = 5 * sum(bool(HAN.match(character)) for character in solid) > len(solid)

    def share(self, found):
        return sum(value for term, value in self.terms.items() if term in found) / self.total

    def gives_amount(self, sentence):
        return any(found.lower() not in self.known for found in NUMBER.findall(sentence))


def read_passage(question, title, heading, sentences):
    title, cut = set(terms(title or "")), [set(terms(sentence)) for sentence in sentences] or [set()]
    whole = title.union(*cut, *(terms(one) for one in heading))
    titled = [question.share(found | title) for found in cut]
    fullest = titled.index(max(titled))
    return {
        "passage": question.share(whole), "sentence": titled[fullest],
        "pair": max(question.share(found | following) for found, following in zip(cut, cut[1:] + cut[-1:])),
        "heavy": sum(term in whole for term in question.heavy) / max(len(question.heavy), 1),
        "numbers": sum(term in whole for term in question.numbers) / len(question.numbers) if question.numbers else 1.0,
        "amount": question.amount and bool(sentences) and question.gives_amount(sentences[fullest]),
        "fullest": cut[fullest],
    }


def repeats(read):
    """Which of the passages, best first, have a fullest sentence that a better one has too."""
    seen, found = [], set()
    for at, one in enumerate(read):
        if any(len(one["fullest"] & earlier) >= 0.8 * len(one["fullest"] | earlier) for earlier in seen):
            found.add(at)
        else:
            seen.append(one["fullest"])
    return found
