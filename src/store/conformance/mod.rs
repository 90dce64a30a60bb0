//! One suite for every backend: what the trait promises, proved on the memory twin, on edge and on a real server.

#[cfg(feature = "edge")]
mod edge;
mod fake_server;
mod fake_wire;
mod filters;
mod fixtures;
mod kept;
mod remote;
mod searches;
mod terms;
mod writes;

use std::sync::Arc;

use super::{MemoryStore, VectorStore};

/// A store under test and what must outlive it.
struct Opened {
    store: Arc<dyn VectorStore>,
    _folder: Option<tempfile::TempDir>,
}

/// Runs every test of the suite on one backend; `$open` gives `None` where the backend cannot be had.
macro_rules! conformance {
    ($(#[$attribute:meta])* $backend:ident, $open:expr) => {
        $(#[$attribute])*
        mod $backend {
            use super::super::{filters, kept, searches, terms, writes};

            conformance!(@tests $open,
                writes: [
                    writing_the_same_point_twice_leaves_one,
                    an_overwritten_point_is_found_by_its_new_content_only,
                    a_point_is_found_as_soon_as_it_is_written,
                    removing_a_version_leaves_the_others,
                    removing_what_is_not_there_is_no_error,
                    removing_by_filter_removes_exactly_what_passes,
                    removing_by_the_empty_filter_removes_everything,
                    a_point_of_the_wrong_length_is_refused_and_the_store_stays_usable,
                    a_refused_batch_writes_nothing,
                    a_point_without_sentences_is_refused,
                    a_point_that_holds_no_number_is_refused,
                    terms_out_of_order_are_refused,
                    a_point_without_terms_is_still_found_by_its_passage,
                    many_points_at_once_are_all_written,
                    an_optimized_store_still_answers,
                    a_flushed_store_is_ready,
                ],
                searches: [
                    results_are_best_first,
                    equal_scores_are_ordered_by_id,
                    no_more_than_the_limit_comes_back,
                    a_limit_of_nothing_finds_nothing,
                    a_batch_is_answered_in_the_order_of_its_queries,
                    an_empty_batch_has_no_answers,
                    a_hit_names_its_chunk_and_scores_by_cosine,
                    a_lexical_query_returns_only_chunks_that_share_a_term,
                    a_rare_term_weighs_more_than_a_common_one,
                    lexical_scores_use_the_idf_of_the_whole_collection,
                    a_query_without_terms_finds_nothing,
                    the_best_sentence_decides_and_not_their_sum,
                    best_sentences_are_sought_among_the_given_ids_only,
                    a_query_of_the_wrong_length_is_refused,
                    an_empty_store_answers_with_nothing,
                    ids_walk_through_everything_in_ascending_order,
                    ids_respect_the_filter,
                ],
                kept: [
                    sentences_come_back_with_their_marks_and_vectors,
                    marks_alone_come_without_vectors,
                    chunks_without_marks_or_not_there_are_left_out,
                    an_overwritten_chunk_gives_its_new_sentences,
                    many_chunks_are_read_at_once,
                ],
                terms: [
                    new_terms_take_the_place_of_the_old_and_all_else_stays,
                    terms_of_chunks_that_are_not_there_and_no_terms_are_left_out,
                    terms_that_cannot_be_are_refused_and_nothing_is_written,
                    many_chunks_get_new_terms_at_once,
                    an_index_in_order_takes_new_terms,
                ],
                filters: [
                    every_word_field_can_be_filtered_on,
                    every_word_field_can_be_excluded,
                    any_of_several_values_is_enough,
                    any_of_several_tags_is_enough,
                    words_of_headings_can_be_filtered_on,
                    a_chunk_without_headings_has_no_word_of_them,
                    one_of_several_filters_is_enough,
                    a_choice_of_nothing_passes_nothing,
                    pages_can_be_listed_and_ranged_over,
                    dates_can_be_ranged_over,
                    a_chunk_without_a_page_lies_in_no_range,
                    ids_can_be_chosen_and_excluded,
                    all_conditions_must_hold,
                    an_empty_list_of_values_passes_nothing,
                    an_excluded_empty_list_excludes_nothing,
                    a_range_over_words_is_refused,
                    counting_agrees_with_the_filter_itself,
                ],
            );
        }
    };
    (@tests $open:expr, $($module:ident: [$($test:ident),* $(,)?]),* $(,)?) => {
        $($(
            #[tokio::test]
            async fn $test() {
                if let Some(opened) = $open.await {
                    $module::$test(&*opened.store).await;
                }
            }
        )*)*
    };
}

mod backends {
    conformance!(memory, super::super::memory());
    conformance!(
        #[cfg(feature = "edge")]
        edge,
        super::super::edge::temporary()
    );
    conformance!(
        #[cfg(feature = "edge")]
        large_edge,
        super::super::edge::large()
    );
    conformance!(remote, super::super::remote::spoken_to());
    conformance!(real_server, super::super::remote::real());
}

#[expect(clippy::unused_async, reason = "every backend opens the same way")]
async fn memory() -> Option<Opened> {
    Some(Opened {
        store: Arc::new(MemoryStore::new(fixtures::DIMENSION)),
        _folder: None,
    })
}
