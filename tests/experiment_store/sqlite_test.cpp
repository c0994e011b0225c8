#include "experiment_store/sqlite.hpp"

#include <gtest/gtest.h>

#include "experiment_store/errors.hpp"
#include "experiment_store/values.hpp"
#include "ledger_fixture.hpp"

namespace ratchet::test {
namespace {

class SqliteTest : public ::testing::Test {
  protected:
    SqliteTest() { database.script("CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT, c REAL, d BLOB) STRICT"); }

    std::int64_t rows() { return *database.value<std::int64_t>("SELECT count(*) FROM t"); }

    Database database{":memory:", Database::Mode::read_write};
};

TEST_F(SqliteTest, gives_back_what_was_bound) {
    const std::string bytes("a\0\xff\n", 4);
    database.run("INSERT INTO t VALUES (?, ?, ?, ?)", std::int64_t{1} << 62, bytes, 0.1, Compressed{bytes});
    Statement row = database.query("SELECT * FROM t");
    ASSERT_TRUE(row.next());
    EXPECT_EQ(row.take<std::int64_t>(), std::int64_t{1} << 62);
    EXPECT_EQ(row.take<std::string>(), bytes);
    EXPECT_EQ(row.take<double>(), 0.1);
    EXPECT_EQ(row.take<Compressed>().text, bytes);
    EXPECT_FALSE(row.next());
}

TEST_F(SqliteTest, keeps_nothing_apart_from_an_empty_text) {
    database.run("INSERT INTO t VALUES (1, ?, ?, NULL)", std::string_view(), std::optional<double>());
    EXPECT_EQ(database.value<std::optional<std::string>>("SELECT b FROM t").value(), "");
    EXPECT_EQ(database.value<std::optional<double>>("SELECT c FROM t").value(), std::nullopt);
}

TEST_F(SqliteTest, has_no_value_where_there_is_no_row) {
    EXPECT_FALSE(database.value<std::int64_t>("SELECT a FROM t"));
}

TEST_F(SqliteTest, rolls_back_unless_committed) {
    {
        const Transaction transaction(database);
        database.run("INSERT INTO t (a) VALUES (1)");
    }
    EXPECT_EQ(rows(), 0);
}

TEST_F(SqliteTest, keeps_what_was_committed) {
    {
        Transaction transaction(database);
        database.run("INSERT INTO t (a) VALUES (1)");
        transaction.commit();
    }
    EXPECT_EQ(rows(), 1);
}

TEST_F(SqliteTest, rolls_back_when_an_exception_passes) {
    const auto fail_half_way = [&] {
        Transaction transaction(database);
        database.run("INSERT INTO t (a) VALUES (1)");
        database.run("INSERT INTO t (a) VALUES (1)");
        transaction.commit();
    };
    EXPECT_THROW(fail_half_way(), MachineryError);
    EXPECT_EQ(rows(), 0);
    EXPECT_FALSE(database.in_transaction());
}

TEST_F(SqliteTest, takes_a_read_transaction_for_a_part_of_the_one_around_it) {
    Transaction outer(database);
    {
        Transaction inner(database, Transaction::Kind::read);
        inner.commit();
    }
    EXPECT_TRUE(database.in_transaction());
    outer.commit();
}

TEST_F(SqliteTest, runs_one_statement_twice_at_the_same_time) {
    database.script("INSERT INTO t (a) VALUES (1), (2)");
    Statement outer = database.query("SELECT a FROM t ORDER BY a");
    std::vector<std::int64_t> seen;
    while (outer.next()) {
        seen.push_back(outer.take<std::int64_t>());
        Statement inner = database.query("SELECT a FROM t ORDER BY a");
        while (inner.next())
            seen.push_back(inner.take<std::int64_t>());
    }
    EXPECT_EQ(seen, (std::vector<std::int64_t>{1, 1, 2, 2, 1, 2}));
}

TEST_F(SqliteTest, names_the_statement_that_failed) {
    try {
        database.run("SELECT nonsense FROM t");
        FAIL() << "nothing was thrown";
    } catch (const MachineryError& error) {
        EXPECT_NE(std::string(error.what()).find("nonsense"), std::string::npos) << error.what();
    }
}

TEST_F(SqliteTest, refuses_a_name_that_is_none_of_an_enumeration) {
    database.run("INSERT INTO t (a, b) VALUES (1, 'sideways')");
    EXPECT_THROW(database.value<Verdict>("SELECT b FROM t"), UserError);
}

TEST(Compression, refuses_a_damaged_frame) {
    std::string frame = compressed("some text, some text, some text");
    EXPECT_THROW(decompressed("nonsense"), UserError);
    frame.resize(frame.size() / 2);
    EXPECT_THROW(decompressed(frame), UserError);
    EXPECT_EQ(decompressed(compressed("")), "");
}

}  // namespace
}  // namespace ratchet::test
