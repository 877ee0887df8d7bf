#include "pgwire/error_response.h"

#include "pgwire/message_writer.h"
#include "session/error_position.h"

namespace sundog::pgwire {

namespace {

struct Field {
  char code;
  std::string base::ErrorFields::*text;
};

// Those sent when not empty.
constexpr Field kFields[] = {
    {'M', &base::ErrorFields::message},    {'D', &base::ErrorFields::detail},
    {'H', &base::ErrorFields::hint},       {'q', &base::ErrorFields::internal_query},
    {'W', &base::ErrorFields::context},    {'s', &base::ErrorFields::schema},
    {'t', &base::ErrorFields::table},      {'c', &base::ErrorFields::column},
    {'d', &base::ErrorFields::data_type},  {'n', &base::ErrorFields::constraint},
};

void Append(std::string& to, char type, const base::ErrorFields& fields, int position) {
  MessageWriter message(to, type);
  auto put = [&](char code, std::string_view text) {
    message.Byte(code);
    message.String(text);
  };
  std::string_view severity = base::SeverityName(fields.severity);
  put('S', severity);
  put('V', severity);
  put('C', fields.state.code());
  for (const Field& field : kFields) {
    const std::string& text = fields.*field.text;
    if (!text.empty() || field.code == 'M') put(field.code, text);
  }
  if (position > 0) put('P', std::to_string(position));
  int internal = session::CharacterPosition(fields.internal_query, fields.internal_location);
  if (internal > 0) put('p', std::to_string(internal));
  message.Byte('\0');
}

}  // namespace

void AppendErrorResponse(std::string& to, const base::ErrorFields& fields, int position) {
  Append(to, 'E', fields, position);
}

void AppendNoticeResponse(std::string& to, const base::ErrorFields& fields, int position) {
  Append(to, 'N', fields, position);
}

}  // namespace sundog::pgwire
