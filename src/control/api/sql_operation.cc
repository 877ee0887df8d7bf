// POST /customer/databases/DB/sql: statements in a session like any other of the database, as its
// role admin, which is no superuser; the answer is what control/json_results.h writes.
//
// A session that may only read is read-only from its first statement to its last
// (SessionIdentity::read_only). One session a request: what it set and did not commit ends with it.
// When the client goes away, the statement that runs is cancelled.
#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <cmath>
#include <memory>
#include <optional>
#include <utility>

#include "auth/connect_token.h"
#include "base/clock.h"
#include "catalog/catalog.h"
#include "control/api/api_error.h"
#include "control/api/database_call.h"
#include "control/api/fields.h"
#include "control/api/operations.h"
#include "control/databases.h"
#include "control/json_results.h"
#include "control/tenant_sql.h"
#include "http/request_parser.h"
#include "runtime/interrupt.h"
#include "session/engine/engine.h"
#include "session/session.h"

namespace sundog::control {

namespace {

namespace json = boost::json;

constexpr int64_t kDefaultTimeoutMs = 60'000;
constexpr int64_t kMaxTimeoutMs = 86'400'000;
constexpr size_t kMaxParameters = 65'535;

// What JSON has no word for, a number too large became when it was read.
bool HasInfinity(const json::value& value) {
  switch (value.kind()) {
    case json::kind::double_: return std::isinf(value.get_double());
    case json::kind::array:
      return std::any_of(value.get_array().begin(), value.get_array().end(), HasInfinity);
    case json::kind::object:
      return std::any_of(value.get_object().begin(), value.get_object().end(),
                         [](const auto& member) { return HasInfinity(member.value()); });
    default: return false;
  }
}

// As a session takes it in text form. The elements of an array are quoted, so that none is taken
// for null or for the end.
std::optional<std::string> TextOf(const json::value& value, bool is_array_type) {
  switch (value.kind()) {
    case json::kind::null: return std::nullopt;
    case json::kind::bool_: return value.get_bool() ? "true" : "false";
    case json::kind::int64: return fmt::format("{}", value.get_int64());
    case json::kind::uint64: return fmt::format("{}", value.get_uint64());
    case json::kind::double_: return fmt::format("{}", value.get_double());
    case json::kind::string: return std::string(value.get_string());
    default: break;
  }
  if (!is_array_type || !value.is_array()) return json::serialize(value);
  std::string text = "{";
  for (const json::value& element : value.get_array()) {
    if (text.size() > 1) text += ',';
    std::optional<std::string> one = TextOf(element, true);
    if (!one || element.is_array()) {
      text += one.value_or("NULL");
      continue;
    }
    text += '"';
    for (char c : *one) {
      if (c == '"' || c == '\\') text += '\\';
      text += c;
    }
    text += '"';
  }
  return text + '}';
}

struct Statements {
  session::Engine& engine;
  ClusterPtr database;
  std::string sql;
  std::optional<json::array> parameters;
  int64_t timeout_ms = kDefaultTimeoutMs;
  bool read_only = false;

  // Simple protocol: any number of them.
  void RunAll(session::Session& session) const { session.Query(sql); }
  // Extended protocol: one, with parameters.
  void RunOne(session::Session& session, JsonResults& results) const;
  void Run(http::Response& response, http::ResponseStream& stream) const;
};

void Statements::RunOne(session::Session& session, JsonResults& results) const {
  auto bind = [&] {
    std::vector<std::optional<std::string>> texts;
    for (size_t i = 0; i < parameters->size(); ++i) {
      bool is_array = false;
      if (i < results.parameter_types().size()) {
        const types::TypeInfo* type =
            engine.FindType(results.parameter_types()[i], session.context());
        is_array = type != nullptr && type->is_array();
      }
      texts.push_back(TextOf((*parameters)[i], is_array));
    }
    session::BindRequest request;
    std::vector<std::string_view> values;
    for (const auto& text : texts) values.push_back(text ? *text : std::string_view());
    request.parameters = values;
    return session.Bind(request);
  };
  results.SetDescribing(true);
  bool described = session.Parse("", sql, {}) && session.DescribeStatement("");
  results.SetDescribing(false);
  // Each is done only if the one before was.
  static_cast<void>(described && bind() && session.DescribePortal("") && session.Execute("", 0));
  session.Sync();
}

void Statements::Run(http::Response& response, http::ResponseStream& stream) const {
  JsonResults results([&stream](std::string_view piece) { return stream.Write(piece); });
  bool is_gone = false;
  try {
    session::SessionIdentity identity = IdentityOf(engine, *database, auth::kAdminUser);
    identity.read_only = read_only;
    auto session = std::make_unique<session::Session>(engine, results, std::move(identity),
                                                      engine.clock());
    // The server's settings, not the client's, which profile dsql allows few.
    session::SessionSettings& settings = session->context().settings();
    settings.SetDefault("application_name", "sundog http");
    settings.SetDefault("statement_timeout", std::to_string(timeout_ms));
    session->Start();
    stream.WhenGone([&is_gone, token = session->context().shared_cancel_token()] {
      is_gone = true;
      token->Cancel(runtime::CancelReason::kConnectionLost);
    });
    // A statement that begins forgets what was cancelled before it.
    if (is_gone) runtime::ThrowCancelled(runtime::CancelReason::kConnectionLost);
    parameters ? RunOne(*session, results) : RunAll(*session);
    stream.WhenGone(nullptr);
  } catch (const SqlError& error) {
    stream.WhenGone(nullptr);
    results.Error(error.fields(), 0);
  }
  std::string rest = results.Finish();
  if (results.sent()) {
    static_cast<void>(stream.Write(rest));
    return;
  }
  response.body = std::move(rest);
  if (!results.error()) return;
  bool is_ours = results.error()->state == sqlstate::kInternalError;
  response.status = is_ours ? 500 : 400;
  response.headers.push_back({"X-Amzn-ErrorType", "SqlException"});
}

}  // namespace

http::Response RunSql(Call& call) {
  Fields fields(call.body);
  std::optional<std::string> query = fields.Text("query", 0, http::kMaxBodyBytes);
  std::optional<std::string> file = fields.Text("file_content", 0, http::kMaxBodyBytes);
  const json::array* parameters = fields.List("parameters");
  int64_t timeout_ms =
      fields.Number("timeout_ms", 1, kMaxTimeoutMs).value_or(kDefaultTimeoutMs);
  bool read_only = fields.Flag("read_only").value_or(false);
  ClusterPtr database = NamedAndActive(call);
  if (query.has_value() == file.has_value()) {
    fields.Problem("query", "Give either query or file_content.");
  }
  if (parameters != nullptr && parameters->size() > kMaxParameters) {
    fields.Problem("parameters", "There may be 65535 parameters at most.");
  }
  if (parameters != nullptr &&
      std::any_of(parameters->begin(), parameters->end(), HasInfinity)) {
    fields.Problem("parameters", "A number is too large; send it as a string.");
  }
  if (parameters != nullptr && file) {
    fields.Problem("parameters", "Parameters are for the one statement of query.");
  }
  fields.Finish();
  if (call.token != nullptr) read_only |= !call.token->ScopeOf(database->id)->may_write;
  auto statements = std::make_shared<Statements>(
      Statements{call.databases.engine(), database, query ? std::move(*query) : std::move(*file),
                 std::nullopt, timeout_ms, read_only});
  if (parameters != nullptr && !parameters->empty()) statements->parameters = *parameters;
  http::Response response;
  response.make = [statements](http::Response& made, http::ResponseStream& stream) {
    statements->Run(made, stream);
  };
  return response;
}

}  // namespace sundog::control
