#include "cli/iam_commands.h"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <boost/json/value_to.hpp>
#include <cstdio>
#include <stdexcept>

namespace sundog::cli {

namespace {

namespace json = boost::json;

constexpr IamCommand kCommands[] = {
    {"create-user", "create-principal", "Make a user.", "user", "name"},
    {"list-users", "list-principals", "Show the users.", "user", ""},
    {"delete-user", "delete-principal", "Delete a user that has no keys and policies.", "user",
     "name"},
    {"create-role", "create-principal", "Make a role.", "role", "name"},
    {"list-roles", "list-principals", "Show the roles.", "role", ""},
    {"delete-role", "delete-principal", "Delete a role that has no keys and policies.", "role",
     "name"},
    {"create-access-key", "create-access-key",
     "Make an access key and print it, secret and all, as a credentials file has it; it is not "
     "told again.",
     "", ""},
    {"list-access-keys", "list-access-keys", "Show the identifiers of access keys.", "", ""},
    {"delete-access-key", "delete-access-key", "Delete an access key.", "", "accessKeyId"},
    {"put-policy", "put-policy", "Give a user or role a policy, in place of one of that name.", "",
     "policyName", true},
    {"get-policy", "get-policy", "Show a policy.", "", "policyName"},
    {"list-policies", "list-policies", "Show the names of policies.", "", ""},
    {"delete-policy", "delete-policy", "Take a policy away.", "", "policyName"},
};

json::object RequestOf(const IamCommand& command, const IamOptions& given) {
  json::object body;
  if (!command.kind.empty()) {
    body["kind"] = command.kind;
  } else if (given.user.empty() == given.role.empty()) {
    throw std::runtime_error("say whose it is, with --user NAME or --role NAME");
  } else {
    body["kind"] = given.user.empty() ? "role" : "user";
    body["name"] = given.user.empty() ? given.role : given.user;
  }
  if (!command.argument.empty()) body[command.argument] = given.argument;
  if (command.has_document) body["policy"] = ReadDocument(given.document);
  return body;
}

// A line for each element, or the members of one thing.
void Print(const IamCommand& command, const json::object& request, const json::object& answer) {
  if (command.operation == "create-access-key") {
    std::printf("[%s]\naws_access_key_id = %s\naws_secret_access_key = %s\n",
                Text(request, "name").c_str(), Text(answer, "accessKeyId").c_str(),
                Text(answer, "secretAccessKey").c_str());
  } else if (command.operation == "get-policy") {
    std::printf("%s\n", Text(answer, "policy").c_str());
  } else if (command.operation == "create-principal") {
    std::printf("%s\n", Text(answer, "arn").c_str());
  }
  for (const auto& member : answer) {
    const json::array* list = member.value().if_array();
    if (list == nullptr) continue;
    for (const json::value& element : *list) {
      const json::object* object = element.if_object();
      std::string line = object == nullptr ? json::value_to<std::string>(element)
                         : object->contains("arn")
                             ? fmt::format("{}  {}", Text(*object, "name"), Text(*object, "arn"))
                             : Text(*object, "accessKeyId");
      std::printf("%s\n", line.c_str());
    }
  }
}

}  // namespace

std::span<const IamCommand> IamCommands() { return kCommands; }

void RunIam(const ControlOptions& options, const IamCommand& command, const IamOptions& given) {
  json::object request = RequestOf(command, given);
  json::object answer =
      ControlClient(options).Ask("POST", fmt::format("/iam/{}", command.operation), request);
  if (options.json) {
    std::printf("%s\n", json::serialize(answer).c_str());
  } else {
    Print(command, request, answer);
  }
}

}  // namespace sundog::cli
