#include "auth/policy.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "types/ascii.h"

namespace sundog::auth {

namespace {

namespace json = boost::json;

constexpr std::string_view kIamArnPrefix = "arn:aws:iam::";
constexpr size_t kAccountDigits = 12;

std::string_view View(json::string_view text) { return {text.data(), text.size()}; }

// A name given twice would win over the first one unseen. Of text that is known to be JSON, as each
// name is followed by the one colon outside of strings.
size_t CountNames(std::string_view text) {
  size_t names = 0;
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    if (in_string && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      in_string = !in_string;
    } else if (!in_string && text[i] == ':') {
      ++names;
    }
  }
  return names;
}

// The parser keeps `value` at a depth of at most 32.
size_t CountNames(const json::value& value) {
  size_t names = 0;
  if (const json::object* object = value.if_object()) {
    names = object->size();
    for (const auto& member : *object) names += CountNames(member.value());
  } else if (const json::array* array = value.if_array()) {
    for (const json::value& element : *array) names += CountNames(element);
  }
  return names;
}

json::value ParseJson(std::string_view text) {
  json::parser parser;
  json::error_code error;
  size_t taken = parser.write_some(text.data(), text.size(), error);
  if (!error && !types::TrimSpace(text.substr(taken)).empty()) error = json::error::extra_data;
  if (error) {
    throw PolicyError(
        fmt::format("The policy is not valid JSON: {}, at byte {}.", error.message(), taken));
  }
  json::value value = parser.release();
  if (CountNames(text) != CountNames(value)) {
    throw PolicyError("The policy gives a name twice in one object.");
  }
  return value;
}

}  // namespace

// Makes a Policy of a JSON value; refuses what a policy cannot have.
class PolicyReader {
 public:
  explicit PolicyReader(bool of_resource) : of_resource_(of_resource) {}

  Policy Read(const json::value& value) {
    const json::object* policy = value.if_object();
    if (policy == nullptr) throw PolicyError("A policy must be a JSON object.");
    for (const auto& member : *policy) ReadMember(View(member.key()), member.value());
    if (result_.statements_.empty()) throw PolicyError("A policy must have a Statement.");
    return std::move(result_);
  }

 private:
  void ReadMember(std::string_view name, const json::value& value) {
    if (name == "Version") {
      std::string version = Text(name, value);
      if (version != "2012-10-17" && version != "2008-10-17") {
        throw PolicyError(fmt::format(
            "The Version \"{}\" is not supported; write \"2012-10-17\".", version));
      }
    } else if (name == "Id") {
      Text(name, value);
    } else if (name == "Statement") {
      ReadStatements(value);
    } else {
      throw PolicyError(fmt::format("The element {} is not supported in a policy.", name));
    }
  }

  void ReadStatements(const json::value& value) {
    if (const json::object* statement = value.if_object()) {
      ReadStatement(*statement);
      return;
    }
    const json::array* list = value.if_array();
    if (list == nullptr) throw PolicyError("Statement must be an object or a list of objects.");
    for (const json::value& element : *list) {
      const json::object* statement = element.if_object();
      if (statement == nullptr) throw PolicyError("Each Statement must be an object.");
      ReadStatement(*statement);
    }
  }

  void ReadStatement(const json::object& object) {
    Policy::Statement statement;
    std::string effect;
    for (const auto& member : object) {
      std::string_view name = View(member.key());
      if (name == "Sid") {
        ReadSid(member.value());
      } else if (name == "Effect") {
        effect = Text(name, member.value());
      } else if (name == "Action" || name == "NotAction") {
        statement.other_actions = name == "NotAction";
        Take(statement.actions, "Action", name, member.value(), RequireAction);
      } else if (name == "Resource" || name == "NotResource") {
        statement.other_resources = name == "NotResource";
        Take(statement.resources, "Resource", name, member.value(), RequireResource);
      } else if (name == "Principal" && of_resource_) {
        ReadPrincipal(member.value(), statement.principals);
      } else {
        throw PolicyError(fmt::format("The element {} is not supported in a Statement.", name));
      }
    }
    if (effect != "Allow" && effect != "Deny") {
      throw PolicyError("Each Statement must have the Effect \"Allow\" or \"Deny\".");
    }
    if (statement.actions.empty()) {
      throw PolicyError("Each Statement must have an Action or a NotAction.");
    }
    if (statement.resources.empty()) {
      throw PolicyError("Each Statement must have a Resource or a NotResource.");
    }
    if (of_resource_ && statement.principals.empty()) {
      throw PolicyError("Each Statement of a resource's policy must have a Principal.");
    }
    statement.allows = effect == "Allow";
    result_.statements_.push_back(std::move(statement));
  }

  void ReadSid(const json::value& value) {
    std::string sid = Text("Sid", value);
    if (!std::all_of(sid.begin(), sid.end(),
                     [](char c) { return types::IsAlpha(c) || types::IsDigit(c); })) {
      throw PolicyError(fmt::format("The Sid \"{}\" must be of letters and digits.", sid));
    }
    if (!sids_.insert(sid).second) {
      throw PolicyError(fmt::format("The Sid \"{}\" is given to two Statements.", sid));
    }
  }

  static void ReadPrincipal(const json::value& value, std::vector<std::string>& principals) {
    if (const json::object* kinds = value.if_object()) {
      const json::value* accounts = kinds->size() == 1 ? kinds->if_contains("AWS") : nullptr;
      if (accounts == nullptr) {
        throw PolicyError("A Principal must be \"*\" or have the one member \"AWS\".");
      }
      Take(principals, "Principal", "Principal", *accounts, RequirePrincipal);
    } else if (Text("Principal", value) == "*") {
      principals.emplace_back("*");
    } else {
      throw PolicyError("A Principal must be \"*\" or have the one member \"AWS\".");
    }
  }

  static void RequirePrincipal(std::string_view principal) {
    bool is_account = principal.size() == kAccountDigits &&
                      std::all_of(principal.begin(), principal.end(), types::IsDigit);
    bool is_arn = principal.starts_with(kIamArnPrefix) &&
                  principal.find_first_of("*?") == std::string_view::npos;
    if (principal == "*" || is_account || is_arn) return;
    throw PolicyError(fmt::format(
        "The Principal \"{}\" must be \"*\", an account or the ARN of a user or role.", principal));
  }

  // Fills a list that one of two elements may give: X or NotX.
  static void Take(std::vector<std::string>& list, std::string_view base, std::string_view name,
                   const json::value& value, void (*require)(std::string_view)) {
    if (!list.empty()) {
      throw PolicyError(fmt::format("A Statement cannot have both {0} and Not{0}.", base));
    }
    if (const json::array* elements = value.if_array()) {
      for (const json::value& element : *elements) list.push_back(Text(name, element));
    } else {
      list.push_back(Text(name, value));
    }
    if (list.empty()) throw PolicyError(fmt::format("{} must not be an empty list.", name));
    for (const std::string& pattern : list) {
      if (pattern.find("${") != std::string::npos) {
        throw PolicyError(fmt::format(
            "The policy variable in \"{}\" is not supported; name what is meant.", pattern));
      }
      require(pattern);
    }
  }

  static void RequireAction(std::string_view action) {
    size_t colon = action.find(':');
    bool names_service = colon != std::string_view::npos && colon > 0 &&
                         action.substr(0, colon).find_first_of("*?") == std::string_view::npos;
    if (action == "*" || (names_service && colon + 1 < action.size())) return;
    throw PolicyError(
        fmt::format("The Action \"{}\" must be \"*\" or of the form service:action.", action));
  }

  static void RequireResource(std::string_view resource) {
    if (resource == "*") return;
    bool is_arn = resource.starts_with("arn:") &&
                  std::count(resource.begin(), resource.end(), ':') >= 5;
    if (is_arn) return;
    throw PolicyError(fmt::format("The Resource \"{}\" must be \"*\" or an ARN.", resource));
  }

  static std::string Text(std::string_view name, const json::value& value) {
    if (const json::string* text = value.if_string()) return {text->data(), text->size()};
    throw PolicyError(fmt::format("{} must be a string{}.", name,
                                  name == "Version" || name == "Id" || name == "Sid" ||
                                          name == "Effect"
                                      ? ""
                                      : " or a list of strings"));
  }

  const bool of_resource_;
  Policy result_;
  std::set<std::string> sids_;
};

namespace {

json::value ParsePolicyJson(std::string_view text) {
  if (text.size() > kMaxPolicyBytes) {
    throw PolicyError(fmt::format("A policy may have {} bytes at most.", kMaxPolicyBytes));
  }
  return ParseJson(text);
}

// Whether a statement about `principal` is about the caller.
bool IsAbout(std::string_view principal, std::string_view caller) {
  if (principal == "*" || principal == caller) return true;
  constexpr std::string_view kRoot = ":root";
  if (principal.starts_with(kIamArnPrefix)) {
    principal.remove_prefix(kIamArnPrefix.size());
    if (!principal.ends_with(kRoot)) return false;
    principal.remove_suffix(kRoot.size());
  }
  return principal.size() == kAccountDigits && caller.starts_with(kIamArnPrefix) &&
         caller.substr(kIamArnPrefix.size()).starts_with(fmt::format("{}:", principal));
}

}  // namespace

Policy Policy::Parse(std::string_view text) {
  return PolicyReader(/*of_resource=*/false).Read(ParsePolicyJson(text));
}

Policy Policy::ParseOfResource(std::string_view text) {
  return PolicyReader(/*of_resource=*/true).Read(ParsePolicyJson(text));
}

Verdict Policy::Judge(std::string_view action, std::string_view resource,
                      std::string_view caller) const {
  auto matches = [](const std::vector<std::string>& patterns, std::string_view text,
                    bool ignore_case) {
    return std::any_of(patterns.begin(), patterns.end(), [&](const std::string& pattern) {
      return MatchesPattern(pattern, text, ignore_case);
    });
  };
  Verdict verdict = Verdict::kNotAllowed;
  for (const Statement& statement : statements_) {
    if (matches(statement.actions, action, true) == statement.other_actions) continue;
    if (matches(statement.resources, resource, false) == statement.other_resources) continue;
    const std::vector<std::string>& principals = statement.principals;
    bool is_about = principals.empty() ||
                    std::any_of(principals.begin(), principals.end(),
                                [caller](const auto& one) { return IsAbout(one, caller); });
    if (!is_about) continue;
    if (!statement.allows) return Verdict::kExplicitlyDenied;
    verdict = Verdict::kAllowed;
  }
  return verdict;
}

Verdict Judge(std::span<const Policy> policies, std::string_view action,
              std::string_view resource) {
  Verdict verdict = Verdict::kNotAllowed;
  for (const Policy& policy : policies) {
    Verdict one = policy.Judge(action, resource);
    if (one == Verdict::kExplicitlyDenied) return one;
    if (one == Verdict::kAllowed) verdict = one;
  }
  return verdict;
}

Verdict Judge(std::span<const Policy> policies, const Policy* of_resource, std::string_view caller,
              std::string_view action, std::string_view resource) {
  Verdict own = Judge(policies, action, resource);
  if (of_resource == nullptr || own == Verdict::kExplicitlyDenied) return own;
  Verdict resources = of_resource->Judge(action, resource, caller);
  switch (resources) {
    case Verdict::kNotAllowed: return own;
    case Verdict::kExplicitlyDenied: return Verdict::kDeniedByResource;
    default: return resources;
  }
}

std::string DescribeRefusal(Verdict verdict, std::string_view caller, std::string_view action,
                            std::string_view resource) {
  std::string why = "with an explicit deny in an identity-based policy";
  if (verdict == Verdict::kDeniedByResource) {
    why = "with an explicit deny in a resource-based policy";
  } else if (verdict == Verdict::kNotAllowed) {
    why = fmt::format("because no identity-based policy allows the {} action", action);
  }
  return fmt::format("User: {} is not authorized to perform: {} on resource: {} {}", caller, action,
                     resource, why);
}

// Goes back to the last star alone, so that no pattern takes longer than pattern times text.
bool MatchesPattern(std::string_view pattern, std::string_view text, bool ignore_case) {
  size_t at = 0;
  size_t p = 0;
  size_t star = std::string_view::npos;
  size_t star_at = 0;
  while (at < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      star_at = at;
      continue;
    }
    bool same = p < pattern.size() &&
                (pattern[p] == '?' || pattern[p] == text[at] ||
                 (ignore_case && types::ToLowerAscii(pattern[p]) == types::ToLowerAscii(text[at])));
    if (same) {
      ++p;
      ++at;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      at = ++star_at;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace sundog::auth
