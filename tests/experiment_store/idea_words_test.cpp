#include "experiment_store/idea_words.hpp"

#include <gmock/gmock.h>

#include <iostream>

namespace ratchet {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// An idea, a later hypothesis, and whether a person calls this trying that.
struct LabelledPair {
    const char* idea;
    const char* hypothesis;
    bool tries;
};

constexpr LabelledPair labelled_pairs[] = {
    {"Block the loops for the cache", "Block the loops so that each tile fits the L1 cache", true},
    {"Block the loops for the cache", "Loop blocking for cache locality", true},
    {"Transpose b once", "Transpose b once before the multiplication", true},
    {"Strassen, but only above 256", "Use Strassen's algorithm, only above 256", true},
    {"Prefetch the next row", "Prefetching of the next row in the inner loop", true},
    {"cache the compiled regular expressions", "Caching compiled regular expressions per pattern", true},
    {"Use a hash map instead of the sorted vector", "Replace the sorted vector by a hash map", true},
    {"vectorize the inner loop", "Vectorise the inner loop with AVX2 intrinsics", true},
    {"Avoid copying the tokens", "Avoid copies of tokens by passing string_view", true},
    {"Reserve the capacity of the output vector", "reserve output vector capacity up front", true},
    {"Hoist the bounds check out of the inner loop", "Hoisted bounds check from the inner loop", true},
    {"Unroll the inner loop by 4", "Unroll the inner loop by 4 and keep four accumulators", true},
    {"read the file with mmap", "Read the file via mmap rather than fread", true},
    {"Precompute the table of sines", "Precomputed sine table", true},
    {"Split countWords into two passes", "count_words: split in two passes", true},
    {"use a string_view for the keys", "Use std::string_view keys", true},
    {"Store the matrix in column-major order", "store matrices in column major order", true},
    {"Parallelise the outer loop with threads", "parallelize outer loop over threads", true},
    {"Drop the second validation of the input", "Drop second input validation", true},
    {"memoize the syllable counts of words", "Memoise syllable counts per word in a dict", true},
    {"Inline the comparison function", "Inline comparison function into the sort", true},
    {"Use the arena allocator for nodes", "Allocate nodes from the arena allocator", true},
    {"Skip stop words before stemming", "Skip the stop words before the stemming step", true},
    {"batch the database inserts in one transaction", "Insert in batches: one database transaction", true},
    {"Replace the recursion by a loop", "Replace recursion with an explicit loop and stack", true},
    {"remove the lock around the counter", "Remove lock around counter by using an atomic", true},
    {"lower the number of threads to 2", "Lower number of threads to 2", true},
    {"Sort only the top ten with partial_sort", "partial sort of only the top ten", true},
    {"Unroll the inner loop by 4", "Unroll the inner loop by 8", false},
    {"Block size of 64 for the cache", "Block size of 128 for the cache", false},
    {"lower the number of threads to 2", "Lower number of threads to 4", false},
    {"Block the loops for the cache", "Unroll the loops", false},
    {"Block the loops for the cache", "Cache the result of the last call", false},
    {"Transpose b once", "Transpose a lazily", false},
    {"Prefetch the next row", "Copy the next row into a buffer", false},
    {"Increase the block size", "Decrease the block size", false},
    {"Inline the comparison function", "Inline the hash function", false},
    {"cache the compiled regular expressions", "Replace regular expressions by a hand-written scanner",
     false},
    {"Use a hash map for the symbols", "Use a sorted vector for the symbols", false},
    {"Reserve the capacity of the output vector", "Reuse the output vector between calls", false},
    {"read the file with mmap", "Read the file in larger blocks", false},
    {"vectorize the inner loop", "Vectorize the parsing of numbers", false},
    {"Hoist the bounds check out of the inner loop", "Hoist the allocation out of the inner loop", false},
    {"Avoid copying the tokens", "Avoid the second pass over the tokens", false},
    {"Parallelise the outer loop with threads", "Swap the outer and the inner loop", false},
    {"Store the matrix in column-major order", "Store the matrix in single precision", false},
    {"Drop the second validation of the input", "Read the input in one go", false},
    {"Replace the recursion by a loop", "Replace the inner loop by memcpy", false},
    {"Split countWords into two passes", "Join the two passes of countWords", false},
    {"use a string_view for the keys", "Intern the keys", false},
    {"Use the arena allocator for nodes", "Free nodes in batches", false},
    {"remove the lock around the counter", "Shard the counter over cores", false},
    {"Skip stop words before stemming", "Stem words in a single pass", false},
    {"memoize the syllable counts of words", "Count words with a dict", false},
    {"Sort only the top ten with partial_sort", "Replace the sort by radix sort", false},
    {"batch the database inserts in one transaction", "Open the database once", false},
    {"Use lookup tables in the parser", "Use lookup tables in the printer", false},
    {"Prefetch", "Prefetch the next row of the matrix and unroll the loop", false},
    {"inner loop", "Swap the inner loop and the outer loop", false},
    {"Precompute the table of sines", "Compute sines with a polynomial", false},
};

TEST(Tries, agrees_with_people_on_most_labelled_pairs_and_calls_little_tried_that_is_not) {
    int told_rightly = 0;
    int told_wrongly = 0;
    int missed = 0;
    for (const LabelledPair& pair : labelled_pairs) {
        const bool told = tries(hashed_idea_words(pair.hypothesis), hashed_idea_words(pair.idea));
        told_rightly += told && pair.tries ? 1 : 0;
        told_wrongly += told && !pair.tries ? 1 : 0;
        missed += !told && pair.tries ? 1 : 0;
        if (told != pair.tries) {
            std::cout << (pair.tries ? "missed: " : "wrong: ") << pair.idea << " / " << pair.hypothesis
                      << '\n';
        }
    }
    EXPECT_GE(told_rightly, 28) << "of 28";
    EXPECT_LE(told_wrongly, 1) << "of 32";
    EXPECT_EQ(told_rightly + missed, 28);
}

TEST(IdeaWords, are_alike_for_the_forms_of_a_word) {
    for (const char* one : {"cache", "caches", "cached", "caching", "Caching"})
        EXPECT_THAT(idea_words(one), ElementsAre("cach")) << one;
    EXPECT_EQ(idea_words("vectorization"), idea_words("vectorise"));
    EXPECT_EQ(idea_words("splitting queries"), idea_words("split query"));
    EXPECT_EQ(idea_words("the class"), idea_words("class"));
}

TEST(IdeaWords, take_identifiers_apart) {
    EXPECT_EQ(idea_words("rowBuffer"), idea_words("row_buffer"));
    EXPECT_THAT(idea_words("int32"), ElementsAre("32", "int"));
}

TEST(IdeaWords, leave_small_words_out) {
    EXPECT_THAT(idea_words("We could try to use the..."), IsEmpty());
    EXPECT_THAT(idea_words(""), IsEmpty());
}

TEST(IdeaWords, are_so_many_at_most) {
    std::string text;
    for (int i = 0; i < 1000; ++i)
        text += "word" + std::string(1, static_cast<char>('a' + i % 26)) + std::to_string(i) + ' ';
    EXPECT_LE(idea_words(text).size(), most_idea_words);
}

TEST(SameIdea, is_so_both_ways) {
    const auto one = hashed_idea_words("Block the loops for the cache");
    const auto longer =
        hashed_idea_words("Block the loops for the cache, hoist the checks and reserve the vector");
    EXPECT_TRUE(tries(longer, one));
    EXPECT_FALSE(tries(one, longer));
    EXPECT_FALSE(same_idea(one, longer));
    EXPECT_FALSE(same_idea(longer, one));
}

}  // namespace
}  // namespace ratchet
