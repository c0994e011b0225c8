#include <algorithm>
#include <nlohmann/json.hpp>

#include "orchestrator/gateway/protocols/protocol.hpp"

namespace ratchet {
namespace {

constexpr std::int64_t most_tokens = 1'000'000'000'000;

const nlohmann::json* member_at(const nlohmann::json& document, std::initializer_list<const char*> names) {
    const nlohmann::json* here = &document;
    for (const char* name : names) {
        if (!here->is_object()) return nullptr;
        const auto found = here->find(name);
        if (found == here->end()) return nullptr;
        here = &*found;
    }
    return here;
}

}  // namespace

std::optional<std::int64_t> count_at(const nlohmann::json& document,
                                     std::initializer_list<const char*> names) {
    const nlohmann::json* value = member_at(document, names);
    if (value == nullptr || !value->is_number()) return std::nullopt;
    // Through a double, which holds every number that JSON can spell, and every sensible one exactly.
    const auto number = value->get<double>();
    return static_cast<std::int64_t>(std::clamp(number, 0.0, static_cast<double>(most_tokens)));
}

std::string text_at(const nlohmann::json& document, std::initializer_list<const char*> names) {
    const nlohmann::json* value = member_at(document, names);
    return value != nullptr && value->is_string() ? value->get<std::string>() : std::string();
}

std::optional<std::string> below_base(std::string_view path, std::string_view version, std::string_view rest,
                                      bool base_has_version) {
    if (path.starts_with(version)) path.remove_prefix(version.size());
    if (path != rest) return std::nullopt;
    return std::string(base_has_version ? std::string_view() : version) + std::string(rest);
}

bool ends_in_version(std::string_view base_path) {
    const std::size_t slash = base_path.rfind('/');
    if (slash == std::string_view::npos) return false;
    const std::string_view last = base_path.substr(slash + 1);
    return last.size() >= 2 && last[0] == 'v' && last[1] >= '0' && last[1] <= '9';
}

}  // namespace ratchet
