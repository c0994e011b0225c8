#include "experiment_store/failure_line.hpp"

#include <gtest/gtest.h>

namespace ratchet {
namespace {

TEST(FailureLine, is_the_first_line_that_speaks_of_an_error) {
    EXPECT_EQ(
        failure_line("cc -c a.c\na.c: In function 'f':\na.c:3:5: error: expected ';'\nmake: *** Error 1\n"),
        "a.c:N: error: expected ';'");
}

TEST(FailureLine, is_the_last_line_where_none_speaks_of_an_error) {
    EXPECT_EQ(failure_line("one\ntwo\n\n  \n"), "two");
}

TEST(FailureLine, is_empty_where_there_is_no_output) {
    EXPECT_EQ(failure_line(""), "");
    EXPECT_EQ(failure_line("\n\n"), "");
}

TEST(FailureLine, is_not_a_line_that_counts_no_errors) {
    EXPECT_EQ(failure_line("0 errors, 12 warnings\n12 errors found\n"), "N errors found");
}

TEST(FailureLine, is_not_a_command_with_a_flag_that_speaks_of_errors) {
    EXPECT_EQ(
        failure_line("g++ -Wall -Werror -c a.cpp\na.cpp:1:2: error: unused variable [-Werror=unused]\n"),
        "a.cpp:N: error: unused variable [-Werror=unused]");
}

TEST(Normalised, drops_the_directories_of_paths) {
    EXPECT_EQ(normalised("FAILED /tmp/w-3f/tests/test_x.py::test_sum - in \"/usr/lib/a.py\" (b/c)"),
              "FAILED test_x.py::test_sum - in \"a.py\" (c)");
}

TEST(Normalised, leaves_a_division_alone) {
    EXPECT_EQ(normalised("a / b"), "a / b");
}

TEST(Normalised, drops_numbers_but_not_within_words) {
    EXPECT_EQ(normalised("test_12 took 34 of int32_t utf8 -5.25 x86_64"),
              "test_12 took N of int32_t utf8 -N x86_64");
}

TEST(Normalised, drops_addresses) {
    EXPECT_EQ(normalised("at 0x7ffe01a2 in object at 0xDEADbeef>"), "at 0xN in object at 0xN>");
}

TEST(Normalised, takes_a_time_for_one_number) {
    EXPECT_EQ(normalised("2026-11-22T15:40:01.123 failed after 0.53s at 12:03:55"), "N failed after Ns at N");
}

TEST(Normalised, drops_what_machines_name) {
    EXPECT_EQ(normalised("job 550e8400-e29b-41d4-a716-446655440000 failed at commit 3f2a91bc0d"),
              "job ID failed at commit ID");
    EXPECT_EQ(normalised("the facade of deadbeef, abc123 and feedback"),
              "the facade of deadbeef, abc123 and feedback");
}

TEST(Normalised, drops_the_names_of_temporary_files) {
    EXPECT_EQ(normalised("ld: /tmp/ccT3x9kZ.o: undefined reference to `f'"),
              normalised("ld: /tmp/cckQ2Zab.o: undefined reference to `f'"));
    EXPECT_EQ(normalised("in /tmp/pytest-of-me/pytest-12/test_x.py"), "in test_x.py");
}

TEST(Normalised, takes_an_exponent_for_a_part_of_its_number) {
    EXPECT_EQ(normalised("differs by 1e-06, not 2.5E+3 or 3e"), "differs by N, not N or Ne");
}

TEST(Normalised, drops_durations) {
    EXPECT_EQ(normalised("FAILED in 12ms (1m 3.5s, 99%)"), "FAILED in Nms (Nm Ns, N%)");
}

TEST(Normalised, drops_colours_and_control_characters) {
    EXPECT_EQ(normalised("\x1b[1;31merror:\x1b[0m\t bad\r thing\a"), "error: bad thing");
}

TEST(Normalised, is_at_most_200_bytes_and_never_half_a_character) {
    std::string line(199, 'x');
    line += "ü and more";
    EXPECT_EQ(normalised(line), std::string(199, 'x'));
}

}  // namespace
}  // namespace ratchet
