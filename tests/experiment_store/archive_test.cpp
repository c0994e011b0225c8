#include "experiment_store/exchange/archive.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <cstring>
#include <fstream>
#include <functional>

#include "ledger_fixture.hpp"

namespace ratchet::test {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;

std::string bytes_of(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

class ArchiveTest : public ::testing::Test {
  protected:
    [[nodiscard]] std::filesystem::path tar() const { return folder.path() / "it.tar"; }

    void write_good_one(const std::filesystem::path& file) {
        std::ofstream(folder.path() / "log") << "what was printed\n";
        ArchiveWriter writer(file);
        writer.add("a.json", "{}\n");
        writer.add("b/" + std::string(150, 'x') + ".jsonl", "1\n2\n3");
        writer.add_file("b/y.zst", folder.path() / "log");
        writer.commit();
    }

    /// An archive with one entry that libarchive was told anything about.
    void write_any(const std::function<void(::archive_entry*)>& tell, const std::string& bytes = "x") {
        ::archive* writer = ::archive_write_new();
        ::archive_write_set_format_pax_restricted(writer);
        ::archive_write_open_filename(writer, tar().c_str());
        ::archive_entry* entry = ::archive_entry_new();
        ::archive_entry_set_pathname(entry, "a.json");
        ::archive_entry_set_filetype(entry, AE_IFREG);
        ::archive_entry_set_perm(entry, 0644);
        ::archive_entry_set_size(entry, static_cast<la_int64_t>(bytes.size()));
        tell(entry);
        ::archive_write_header(writer, entry);
        ::archive_write_data(writer, bytes.data(), bytes.size());
        ::archive_entry_free(entry);
        ::archive_write_close(writer);
        ::archive_write_free(writer);
    }

    /// What reading it to its end says after the name of the file; "" where it says nothing.
    std::string complaint() {
        try {
            ArchiveReader reader(tar());
            while (reader.next())
                reader.read([](std::string_view) {});
            return "";
        } catch (const UserError& error) {
            EXPECT_EQ(error.hint(),
                      "Nothing was imported. Get the archive again from where it was exported.");
            const std::string text = error.what();
            const std::string start = tar().string() + ": ";
            EXPECT_TRUE(text.starts_with(start)) << text;
            return text.substr(start.size());
        }
    }

    TemporaryFolder folder;
};

TEST_F(ArchiveTest, gives_back_what_was_put_in) {
    write_good_one(tar());
    EXPECT_TRUE(ArchiveReader::is_archive(tar()));
    ArchiveReader reader(tar());
    ASSERT_TRUE(reader.next());
    EXPECT_EQ(reader.name(), "a.json");
    EXPECT_EQ(reader.text(100), "{}\n");
    ASSERT_TRUE(reader.next());
    EXPECT_THAT(reader.name(), EndsWith("xx.jsonl"));
    std::vector<std::string> lines;
    reader.read_lines([&](std::string_view line, std::int64_t number) {
        lines.push_back(std::to_string(number) + ":" + std::string(line));
    });
    EXPECT_THAT(lines, ElementsAre("1:1", "2:2", "3:3"));
    ASSERT_TRUE(reader.next());
    EXPECT_EQ(reader.text(100), "what was printed\n");
    EXPECT_FALSE(reader.next());
}

TEST_F(ArchiveTest, is_the_same_bytes_for_the_same_contents) {
    write_good_one(tar());
    write_good_one(folder.path() / "again.tar");
    EXPECT_EQ(bytes_of(tar()), bytes_of(folder.path() / "again.tar"));
}

TEST_F(ArchiveTest, is_not_there_before_it_is_complete) {
    {
        ArchiveWriter writer(tar());
        writer.add("a.json", "{}\n");
    }
    EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST_F(ArchiveTest, takes_no_other_order_and_no_other_names) {
    ArchiveWriter writer(tar());
    writer.add("b", "");
    for (const char* name : {"a", "b", "../c", "/c", "c/", "c//d", ".c", "c/.d", "c d", ""})
        EXPECT_THROW(writer.add(name, ""), MachineryError) << name;
}

TEST_F(ArchiveTest, in_a_folder_that_is_not_there_is_an_error_that_says_so) {
    try {
        const ArchiveWriter writer("/nonexistent/it.tar");
        FAIL();
    } catch (const UserError& error) {
        EXPECT_STREQ(error.what(), "/nonexistent/it.tar cannot be written: No such file or directory");
        EXPECT_EQ(error.hint(), "Name a file in a folder that is there and that you may write to.");
    }
}

TEST_F(ArchiveTest, with_names_that_lead_out_is_refused) {
    for (const char* name : {"../../etc/passwd", "/etc/passwd", "logs/../../x", ".ssh/config", "logs//x",
                             "a\nb", "\xff", "logs/./x"}) {
        write_any([&](::archive_entry* entry) { ::archive_entry_set_pathname(entry, name); });
        EXPECT_THAT(complaint(), EndsWith("is no name that an archive of ratchet has")) << name;
    }
}

TEST_F(ArchiveTest, with_links_and_other_things_is_refused) {
    const std::string refused = "\"a.json\" is no plain file";
    write_any([](::archive_entry* entry) {
        ::archive_entry_set_filetype(entry, AE_IFLNK);
        ::archive_entry_set_symlink(entry, "/etc/passwd");
        ::archive_entry_set_size(entry, 0);
    });
    EXPECT_EQ(complaint(), refused);
    write_any([](::archive_entry* entry) { ::archive_entry_set_hardlink(entry, "/etc/passwd"); });
    EXPECT_EQ(complaint(), refused);
    for (const unsigned kind : {AE_IFDIR, AE_IFCHR, AE_IFBLK, AE_IFIFO}) {
        write_any([&](::archive_entry* entry) {
            ::archive_entry_set_filetype(entry, kind);
            ::archive_entry_set_size(entry, 0);
        });
        // A folder's name gets a slash at its end.
        EXPECT_THAT(complaint(), ::testing::AnyOf(refused, HasSubstr("is no name"))) << kind;
    }
}

TEST_F(ArchiveTest, with_holes_in_a_file_is_refused) {
    write_any(
        [](::archive_entry* entry) {
            ::archive_entry_set_size(entry, 1LL << 40);
            ::archive_entry_sparse_add_entry(entry, (1LL << 40) - 1, 1);
        },
        "x");
    EXPECT_EQ(complaint(), "\"a.json\" is no plain file");
}

TEST_F(ArchiveTest, with_an_entry_twice_is_refused) {
    write_good_one(tar());
    // Two archives one behind the other, the first without its end.
    std::string bytes = bytes_of(tar());
    bytes = bytes.substr(0, 1024) + bytes;
    std::ofstream(tar(), std::ios::binary) << bytes;
    EXPECT_EQ(complaint(), "\"a.json\" comes twice, or not in its place");
}

TEST_F(ArchiveTest, that_is_cut_off_anywhere_is_refused) {
    write_good_one(tar());
    const std::string whole = bytes_of(tar());
    for (std::size_t length = 600; length + 1024 < whole.size(); length += 400) {
        std::ofstream(tar(), std::ios::binary | std::ios::trunc) << whole.substr(0, length);
        // Cut between two entries it reads as a shorter one: who imports it misses what has to be in it.
        if (length % 512 != 0) {
            EXPECT_THAT(complaint(), HasSubstr("damaged")) << length;
        }
    }
}

TEST_F(ArchiveTest, tells_an_entry_that_is_too_large) {
    write_good_one(tar());
    ArchiveReader reader(tar());
    reader.next();
    try {
        reader.text(2);
        FAIL();
    } catch (const UserError& error) {
        EXPECT_THAT(error.what(), HasSubstr("\"a.json\" is too large (3 bytes; 2 at most)"));
    }
}

TEST_F(ArchiveTest, is_told_from_a_text) {
    std::ofstream(tar()) << "{\"type\":\"config\"}\n";
    EXPECT_FALSE(ArchiveReader::is_archive(tar()));
    EXPECT_FALSE(ArchiveReader::is_archive(folder.path() / "missing"));
}

}  // namespace
}  // namespace ratchet::test
