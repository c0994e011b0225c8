#include "experiment_store/functions/line_scopes.hpp"

#include <algorithm>

namespace ratchet {

std::string qualified(std::string_view outer, std::string_view separator, std::string_view name) {
    std::string whole(outer);
    if (!outer.empty()) whole += separator;
    whole += name;
    if (whole.size() <= longest_function_name) return whole;
    std::size_t end = longest_function_name;
    while (end > 0 && (static_cast<unsigned char>(whole[end]) & 0xc0U) == 0x80U)
        --end;
    return whole.substr(0, end);
}

LineScopes::LineScopes(Language language, std::string_view source, const Enclosing& enclosing) {
    if (language == Language::none) return;
    const std::string code = code_only(language, source);
    const bool indented = language == Language::python || language == Language::ruby;
    const std::vector<ScopeLines> scopes = indented ? scopes_by_indentation(language, code, enclosing)
                                                    : scopes_by_braces(language, code, enclosing);
    name_of_line_.assign(static_cast<std::size_t>(std::count(code.begin(), code.end(), '\n')) + 1, 0);
    for (const ScopeLines& scope : scopes) {
        names_.push_back(scope.name);
        for (std::size_t line = scope.first; line <= std::min(scope.last, name_of_line_.size() - 1); ++line)
            name_of_line_[line] = names_.size();
    }
}

std::string_view LineScopes::at(std::size_t line) const {
    if (line == 0 || line > name_of_line_.size()) return {};
    const std::size_t name = name_of_line_[line - 1];
    return name == 0 ? std::string_view() : std::string_view(names_[name - 1]);
}

}  // namespace ratchet
