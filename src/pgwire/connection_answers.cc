// The backend messages of a connection: what the session answers, in the protocol's bytes.
#include "base/sql_error.h"
#include "pgwire/connection.h"
#include "pgwire/error_response.h"
#include "pgwire/message_reader.h"
#include "pgwire/message_writer.h"
#include "session/statement_pipeline.h"
#include "types/type_info.h"

namespace sundog::pgwire {

namespace {

// After so many rows the send buffer is looked at.
constexpr size_t kRowsBetweenFlushes = 64;

}  // namespace

void Connection::ParseComplete() { MessageWriter(output_, '1'); }

void Connection::BindComplete() { MessageWriter(output_, '2'); }

void Connection::CloseComplete() { MessageWriter(output_, '3'); }

void Connection::NoData() { MessageWriter(output_, 'n'); }

void Connection::PortalSuspended() { MessageWriter(output_, 's'); }

void Connection::EmptyQuery() { MessageWriter(output_, 'I'); }

void Connection::CommandComplete(std::string_view tag) { MessageWriter(output_, 'C').String(tag); }

void Connection::ReadyForQuery(char transaction_status) {
  MessageWriter(output_, 'Z').Byte(transaction_status);
}

void Connection::ParameterDescription(std::span<const uint32_t> types) {
  MessageWriter message(output_, 't');
  message.Int16(static_cast<int16_t>(types.size()));
  for (uint32_t type : types) message.Int32(static_cast<int32_t>(type));
}

void Connection::RowDescription(std::span<const session::ResultColumn> columns,
                                const session::ResultFormats& formats) {
  MessageWriter message(output_, 'T');
  message.Int16(static_cast<int16_t>(columns.size()));
  for (size_t i = 0; i < columns.size(); ++i) {
    const session::ResultColumn& column = columns[i];
    message.String(column.name);
    message.Int32(static_cast<int32_t>(column.table));
    message.Int16(column.attribute_number);
    message.Int32(static_cast<int32_t>(column.type.oid));
    message.Int16(column.info->length);
    message.Int32(column.type.typmod);
    message.Int16(static_cast<int16_t>(formats.Of(i)));
  }
}

void Connection::Rows(const types::Chunk& chunk, size_t first, size_t count,
                      std::span<const session::ResultColumn> columns,
                      const session::ResultFormats& formats, const types::IoContext& io) {
  while (count > 0) {
    size_t slice = std::min(count, kRowsBetweenFlushes);
    encoder_.Encode(chunk, first, slice, columns, formats, io, output_);
    FlushIfLarge();
    first += slice;
    count -= slice;
  }
}

void Connection::Error(const base::ErrorFields& fields, int character_position) {
  AppendErrorResponse(output_, fields, character_position);
}

void Connection::Notice(const base::ErrorFields& fields, int character_position) {
  AppendNoticeResponse(output_, fields, character_position);
}

void Connection::ParameterStatus(std::string_view name, std::string_view value) {
  MessageWriter message(output_, 'S');
  message.String(name);
  message.String(value);
}

void Connection::Notification(int32_t process_id, std::string_view channel,
                              std::string_view payload) {
  MessageWriter message(output_, 'A');
  message.Int32(process_id);
  message.String(channel);
  message.String(payload);
}

}  // namespace sundog::pgwire
