#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "orchestrator/commands/command_line.hpp"
#include "orchestrator/commands/observation.hpp"
#include "orchestrator/exchange/work_folder.hpp"
#include "sandbox/workspace/scratch_clone.hpp"

namespace ratchet {

/// What an agent made of a draft.
struct DraftAnswer {
    std::optional<std::string> text;  ///< nothing: it has taken the file away, or put something else there
    std::string failure;              ///< one sentence; empty where it ended well
    Usage usage;
};

/// Where drafts of a campaign file are made and tried: a clone, which is gone with this object. Nothing of
/// the user's is written to.
class Drafting {
  public:
    /// `file` is the campaign file that there shall be in the repository; `given` is its text before anybody
    /// drafts, and what agents run by. Throws UserError where it lies outside of the repository.
    Drafting(const CommandLine& line, const Repository& repository, const std::filesystem::path& file,
             const std::string& given);

    /// Asks the agent of `given`, in the sandbox, to make a better draft of this one. What comes back when
    /// the user asked to stop means nothing. Throws UserError where the agent cannot be started.
    DraftAnswer ask(const std::string& draft, const std::string& problem) const;

    /// How a campaign would begin with this draft.
    [[nodiscard]] std::vector<Observation> look(const std::string& draft) const;

    /// Whether there is a file that a proposal might change.
    [[nodiscard]] bool has_code_in_scope(const Campaign& draft) const;

  private:
    /// Of all campaigns of the repository; goes away again where nothing else is in it.
    class CampaignsFolder {
      public:
        explicit CampaignsFolder(std::filesystem::path path) : path_(std::move(path)) {}
        ~CampaignsFolder();
        CampaignsFolder(const CampaignsFolder&) = delete;
        CampaignsFolder& operator=(const CampaignsFolder&) = delete;
        [[nodiscard]] const std::filesystem::path& path() const { return path_; }

      private:
        std::filesystem::path path_;
    };

    /// The clone as if no campaign had ever run in it, at a commit with this draft.
    void begin(const std::string& draft) const;
    /// As if the command line had been called in the clone, with this campaign file.
    [[nodiscard]] CommandLine inside(const std::string& campaign_file) const;

    const CommandLine& line_;
    std::filesystem::path file_;  ///< relative to the repository's root
    CampaignsFolder campaigns_;
    WorkFolder folder_;
    ScratchClone clone_;
};

}  // namespace ratchet
