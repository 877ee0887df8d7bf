#include "pgwire/row_encoder.h"

#include <charconv>
#include <type_traits>

#include "base/bytes.h"
#include "session/statement_pipeline.h"
#include "types/oids.h"

namespace sundog::pgwire {

namespace {

using types::Datum;
using types::IoContext;
using types::Vector;

void AppendWithLength(std::string& to, const char* bytes, size_t size_bytes) {
  base::AppendBigEndian<int32_t>(to, static_cast<int32_t>(size_bytes));
  to.append(bytes, size_bytes);
}

// Types whose text form is their bytes. `name` and kin are stored as text too.
constexpr types::Oid kBytesAsText[] = {types::oids::kText, types::oids::kVarchar,
                                       types::oids::kBpchar, types::oids::kName,
                                       types::oids::kJson, types::oids::kUnknown};

bool IsBytesAsText(types::Oid oid) {
  for (types::Oid known : kBytesAsText) {
    if (oid == known) return true;
  }
  return false;
}

}  // namespace

struct RowEncoderLoops {
  template <typename Column, typename Int>
  static void IntegerText(const Column& column, size_t row, const IoContext&, std::string& to) {
    char digits[24];
    auto end = std::to_chars(digits, digits + sizeof digits, column.vector->template At<Int>(row));
    AppendWithLength(to, digits, static_cast<size_t>(end.ptr - digits));
  }
  template <typename Column, typename Int>
  static void IntegerBinary(const Column& column, size_t row, const IoContext&, std::string& to) {
    base::AppendBigEndian<int32_t>(to, sizeof(Int));
    base::AppendBigEndian<Int>(to, column.vector->template At<Int>(row));
  }
  template <typename Column>
  static void BoolText(const Column& column, size_t row, const IoContext&, std::string& to) {
    AppendWithLength(to, column.vector->template At<bool>(row) ? "t" : "f", 1);
  }
  template <typename Column>
  static void Bytes(const Column& column, size_t row, const IoContext&, std::string& to) {
    const auto& bytes = column.vector->template At<std::string_view>(row);
    AppendWithLength(to, bytes.data(), bytes.size());
  }
  template <typename Column, bool binary>
  static void General(const Column& column, size_t row, const IoContext& io, std::string& to) {
    size_t length_at = to.size();
    to.append(4, '\0');
    Datum value = column.vector->DatumAt(row);
    if constexpr (binary) {
      column.info->ops->send(io, *column.info, value, to);
    } else {
      types::OutputText(io, *column.info, value, to);
    }
    base::StoreBigEndian<int32_t>(to.data() + length_at,
                                  static_cast<int32_t>(to.size() - length_at - 4));
  }
};

RowEncoder::EncodeValue RowEncoder::Choose(const types::TypeInfo& info,
                                           session::WireFormat format, const IoContext& io) {
  using Loops = RowEncoderLoops;
  bool binary = format == session::WireFormat::kBinary;
  switch (info.oid) {
    case types::oids::kInt2:
      return binary ? Loops::IntegerBinary<Column, int16_t> : Loops::IntegerText<Column, int16_t>;
    case types::oids::kInt4:
      return binary ? Loops::IntegerBinary<Column, int32_t> : Loops::IntegerText<Column, int32_t>;
    case types::oids::kInt8:
      return binary ? Loops::IntegerBinary<Column, int64_t> : Loops::IntegerText<Column, int64_t>;
    case types::oids::kBool:
      if (!binary) return Loops::BoolText<Column>;
      break;
    default: break;
  }
  if (IsBytesAsText(info.oid)) return Loops::Bytes<Column>;
  if (!binary) return Loops::General<Column, false>;
  types::RequireSend(*io.types, info);
  return Loops::General<Column, true>;
}

void RowEncoder::Encode(const types::Chunk& chunk, size_t first, size_t count,
                        std::span<const session::ResultColumn> columns,
                        const session::ResultFormats& formats, const IoContext& io,
                        std::string& to) {
  columns_.clear();
  for (size_t i = 0; i < columns.size(); ++i) {
    const types::TypeInfo& info = *columns[i].info;
    columns_.push_back({Choose(info, formats.Of(i), io), &chunk.column(i), &info});
  }
  size_t start = to.size();
  try {
    for (size_t k = first; k < first + count; ++k) {
      start = to.size();
      EncodeRow(chunk.rows[k], io, to);
    }
  } catch (...) {
    // The rows before were fine; half of one would break the protocol.
    to.resize(start);
    throw;
  }
}

void RowEncoder::EncodeRow(size_t row, const IoContext& io, std::string& to) const {
  size_t start = to.size();
  to.append("D\0\0\0\0", 5);
  base::AppendBigEndian<int16_t>(to, static_cast<int16_t>(columns_.size()));
  for (const Column& column : columns_) {
    if (column.vector->IsNull(row)) {
      to.append("\xff\xff\xff\xff", 4);
    } else {
      column.encode(column, row, io, to);
    }
  }
  base::StoreBigEndian<int32_t>(to.data() + start + 1,
                                static_cast<int32_t>(to.size() - start - 1));
}

}  // namespace sundog::pgwire
