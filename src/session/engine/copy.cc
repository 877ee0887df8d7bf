// COPY FROM STDIN and TO STDOUT, in text, CSV and binary.
#include <fmt/format.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "base/sql_error.h"
#include "runtime/interrupt.h"
#include "session/client.h"
#include "session/engine/copy_binary.h"
#include "session/engine/copy_format.h"
#include "session/engine/utility_plan.h"
#include "types/utf8.h"

namespace sundog::session {

using binder::BoundCopy;

namespace {

bool IsBinary(const BoundCopy& copy) {
  return copy.options.format == binder::CopyFormat::kBinary;
}

void RequireSupported(const UtilityRun& run, const BoundCopy& copy) {
  if (copy.program) base::ThrowNotSupported("COPY with PROGRAM");
  if (!copy.file.empty()) base::ThrowNotSupported("COPY with a file on the server");
  // Whether Aurora DSQL takes it is not known.
  if (IsBinary(copy) && run.session.context().identity().profile == Profile::kDsql) {
    base::ThrowNotSupported("COPY in binary format");
  }
  if (copy.from && copy.where != nullptr) base::ThrowNotSupported("COPY FROM with WHERE");
}

// Feeds the client's rows to an INSERT as chunks.
class CopySource {
 public:
  virtual ~CopySource() = default;

  const types::Chunk* Next() {
    runtime::CheckInterrupts();
    buffer_.Reset();
    chunk_bytes_ = 0;
    size_t count = 0;
    while (count < types::kVectorSize && chunk_bytes_ < kEnoughChunkBytes && NextRow(count)) {
      ++count;
    }
    return count == 0 ? nullptr : &buffer_.Finish(count);
  }

 protected:
  CopySource(const UtilityRun& run, const BoundCopy& copy)
      : copy_(copy),
        channel_(*run.copy),
        io_(run.session.context().Io()),
        buffer_(Kinds(run, copy)) {
    io_.types = run.catalog.get();
    for (int16_t attnum : copy.columns) {
      columns_.push_back(copy.table->FindColumn(attnum));
      types_.push_back(&run.catalog->GetType(columns_.back()->type.oid));
    }
  }

  // Reads a row into the buffer's `row`; false: there is none.
  virtual bool NextRow(size_t row) = 0;

  std::string Where(uint64_t line, const catalog::ColumnDescriptor* column = nullptr) const {
    std::string where = fmt::format("COPY {}, line {}", copy_.table->name, line);
    if (column != nullptr) where += fmt::format(", column {}", column->name);
    return where;
  }
  [[noreturn]] static void Fail(SqlError error, std::string where) {
    error.fields().context = std::move(where);
    throw error;
  }

  // Rows of long values make shorter chunks, so that a chunk's memory is bounded.
  static constexpr size_t kEnoughChunkBytes = size_t{4} << 20;

  const BoundCopy& copy_;
  CopyChannel& channel_;
  std::vector<const catalog::ColumnDescriptor*> columns_;
  std::vector<const types::TypeInfo*> types_;
  types::IoContext io_;
  types::ChunkBuffer buffer_;
  size_t chunk_bytes_ = 0;  // of data, in the buffer's rows

 private:
  static std::vector<types::PhysicalKind> Kinds(const UtilityRun& run, const BoundCopy& copy) {
    std::vector<types::PhysicalKind> kinds;
    for (int16_t attnum : copy.columns) {
      kinds.push_back(run.catalog->GetType(copy.table->FindColumn(attnum)->type.oid).physical);
    }
    if (kinds.empty()) kinds.push_back(types::PhysicalKind::kBool);  // see CopyFrom
    return kinds;
  }
};

// Text and CSV.
class TextCopySource final : public CopySource {
 public:
  TextCopySource(const UtilityRun& run, const BoundCopy& copy)
      : CopySource(run, copy), reader_(copy.options) {
    for (const types::TypeInfo* type : types_) {
      if (type->ops->input != nullptr) continue;
      base::ThrowNotSupported("COPY FROM into a column of type " + type->name);
    }
    skip_header_ = copy.options.header != binder::CopyHeader::kNone;
  }

 private:
  bool NextRow(size_t row) override {
    if (!ReadFields()) return false;
    if (std::exchange(skip_header_, false)) {
      if (copy_.options.header == binder::CopyHeader::kMatch) CheckHeader();
      if (!ReadFields()) return false;
    }
    Convert(row);
    return true;
  }

  bool ReadFields() {
    while (!Split()) {
      if (finished_) return false;
      std::string_view data;
      if (Receive(data)) {
        reader_.Append(data);
      } else {
        reader_.Finish();
        finished_ = true;
      }
    }
    chunk_bytes_ += reader_.line_text()->size();
    return true;
  }

  bool Split() {
    try {
      return reader_.NextRow(fields_);
    } catch (SqlError& error) {
      Fail(error, WhereRow());
    }
  }

  bool Receive(std::string_view& data) {
    try {
      return channel_.ReadCopyData(data);
    } catch (SqlError& error) {
      Fail(error, Where(reader_.line() + 1));
    }
  }

  std::string WhereRow() const {
    std::string where = Where(reader_.line());
    if (reader_.line_text()) where += fmt::format(": \"{}\"", Shown(*reader_.line_text()));
    return where;
  }

  static std::string Shown(std::string_view text) {
    constexpr size_t kMostShownBytes = 100;
    if (text.size() <= kMostShownBytes) return std::string(text);
    return std::string(types::ClipToBytes(text, kMostShownBytes)) + "...";
  }

  // HEADER MATCH: the first line names the columns, in their order.
  void CheckHeader() {
    if (fields_.size() != columns_.size()) {
      Fail(SqlError(sqlstate::kBadCopyFileFormat,
                    fmt::format("wrong number of fields in header line: got {}, expected {}",
                                fields_.size(), columns_.size())),
           WhereRow());
    }
    for (size_t i = 0; i < columns_.size(); ++i) {
      const std::string& name = columns_[i]->name;
      if (fields_[i] == name) continue;
      std::string got = fields_[i].has_value()
                            ? fmt::format("\"{}\"", *fields_[i])
                            : fmt::format("null value (\"{}\")", copy_.options.null_text);
      Fail(SqlError(sqlstate::kBadCopyFileFormat,
                    fmt::format("column name mismatch in header line field {}: got {}, "
                                "expected \"{}\"",
                                i + 1, got, name)),
           WhereRow());
    }
  }

  void Convert(size_t row) {
    // An empty line is one field, which a table without columns does not have.
    if (columns_.empty() && reader_.line_text()->empty()) return;
    if (fields_.size() > columns_.size()) {
      Fail(SqlError(sqlstate::kBadCopyFileFormat, "extra data after last expected column"),
           WhereRow());
    }
    if (fields_.size() < columns_.size()) {
      Fail(SqlError(sqlstate::kBadCopyFileFormat,
                    fmt::format("missing data for column \"{}\"",
                                columns_[fields_.size()]->name)),
           WhereRow());
    }
    for (size_t i = 0; i < columns_.size(); ++i) {
      types::Vector& column = buffer_.column(i);
      if (!fields_[i].has_value()) {
        column.SetNull(row);
        continue;
      }
      try {
        column.SetDatum(row, types_[i]->ops->input(io_, *types_[i], *fields_[i],
                                                   columns_[i]->type.typmod, column.arena()));
      } catch (SqlError& error) {
        Fail(error, fmt::format("{}: \"{}\"", Where(reader_.line(), columns_[i]),
                                Shown(*fields_[i])));
      }
    }
  }

  CopyReader reader_;
  std::vector<std::optional<std::string_view>> fields_;
  bool skip_header_ = false;
  bool finished_ = false;
};

class BinaryCopySource final : public CopySource {
 public:
  BinaryCopySource(const UtilityRun& run, const BoundCopy& copy)
      : CopySource(run, copy), reader_(*run.copy) {
    for (const types::TypeInfo* type : types_) types::RequireReceive(*io_.types, *type);
  }

 private:
  bool NextRow(size_t row) override {
    if (!std::exchange(has_header_, true)) reader_.ReadHeader();
    const catalog::ColumnDescriptor* column = nullptr;
    try {
      if (!reader_.NextRow(columns_.size())) return false;
      for (size_t i = 0; i < columns_.size(); ++i) {
        column = columns_[i];
        Receive(i, row);
      }
    } catch (SqlError& error) {
      Fail(error, Where(reader_.line(), column));
    }
    return true;
  }

  void Receive(size_t i, size_t row) {
    types::Vector& to = buffer_.column(i);
    std::optional<std::string_view> field = reader_.NextField();
    if (!field) return to.SetNull(row);
    chunk_bytes_ += field->size();
    to.SetDatum(row, types_[i]->ops->receive(io_, *types_[i], *field, columns_[i]->type.typmod,
                                             to.arena()));
  }

  BinaryCopyReader reader_;
  bool has_header_ = false;
};

std::unique_ptr<CopySource> MakeSource(const UtilityRun& run, const BoundCopy& copy) {
  if (IsBinary(copy)) return std::make_unique<BinaryCopySource>(run, copy);
  return std::make_unique<TextCopySource>(run, copy);
}

WireFormat WireFormatOf(const BoundCopy& copy) {
  return IsBinary(copy) ? WireFormat::kBinary : WireFormat::kText;
}

void CopyFrom(UtilityRun& run, BoundCopy& copy) {
  for (int16_t attnum : copy.columns) {
    copy.insert->feed_types.push_back(copy.table->FindColumn(attnum)->type);
  }
  // An INSERT that is fed is known by its types; rows without fields have one that nobody reads.
  if (copy.columns.empty()) copy.insert->feed_types.push_back({types::oids::kBool, -1});
  std::unique_ptr<CopySource> source = MakeSource(run, copy);
  auto plan = std::make_shared<QueryPlan>(run.session, run.transaction, run.catalog, *copy.insert);
  LockTables(run, *plan);
  run.copy->BeginCopyIn(WireFormatOf(copy), static_cast<int>(copy.columns.size()));
  QueryExecution execution(plan);
  execution.context().feed = [&source] { return source->Next(); };
  Execution::Context context;
  context.session = &run.session.context();
  context.transaction = &run.transaction;
  execution.Open(context);
  while (execution.Next() != nullptr) {
  }
  run.rows_affected = execution.rows_affected();
  execution.Close();
}

// SELECT of the copied columns.
binder::BoundStatementPtr TableQuery(const BoundCopy& copy) {
  auto statement = std::make_unique<binder::BoundQueryStatement>();
  statement->query = std::make_unique<binder::BoundQuery>();
  auto table = std::make_unique<binder::BoundBaseTable>();
  table->table = copy.table;
  table->relation = 1;
  table->alias = copy.table->name;
  statement->query->from.push_back(std::move(table));
  for (int16_t attnum : copy.columns) {
    const catalog::ColumnDescriptor* column = copy.table->FindColumn(attnum);
    binder::BoundTarget target;
    target.name = column->name;
    target.expression =
        std::make_unique<binder::BoundColumn>(column->type, 1, static_cast<int>(attnum) - 1);
    statement->query->targets.push_back(std::move(target));
  }
  return statement;
}

// Makes the bytes of a query's rows.
class CopySink {
 public:
  virtual ~CopySink() = default;
  // What comes before the first row.
  virtual void AppendHeader(std::string& to) = 0;
  virtual void AppendRow(const types::Chunk& chunk, size_t row, std::string& to) = 0;
  virtual void AppendTrailer(std::string& to) = 0;

 protected:
  CopySink(const UtilityRun& run, const std::vector<ResultColumn>& columns)
      : columns_(columns), io_(run.session.context().Io()) {
    io_.types = run.catalog.get();
  }

  const std::vector<ResultColumn>& columns_;
  types::IoContext io_;
};

class TextCopySink final : public CopySink {
 public:
  TextCopySink(const UtilityRun& run, const BoundCopy& copy,
               const std::vector<ResultColumn>& columns)
      : CopySink(run, columns),
        options_(copy.options),
        texts_(columns.size()),
        fields_(columns.size()) {}

  void AppendHeader(std::string& to) override {
    if (options_.header == binder::CopyHeader::kNone) return;
    std::vector<std::string> names;
    for (const ResultColumn& column : columns_) names.push_back(column.name);
    AppendCopyHeader(options_, names, to);
  }

  void AppendRow(const types::Chunk& chunk, size_t row, std::string& to) override {
    for (size_t i = 0; i < fields_.size(); ++i) {
      types::Datum value = chunk.column(i).DatumAt(row);
      if (value.is_null()) {
        fields_[i] = std::nullopt;
        continue;
      }
      texts_[i].clear();
      types::OutputText(io_, *columns_[i].info, value, texts_[i]);
      fields_[i] = texts_[i];
    }
    AppendCopyRow(options_, fields_, to);
  }

  void AppendTrailer(std::string&) override {}

 private:
  const binder::CopyOptions& options_;
  std::vector<std::string> texts_;
  std::vector<std::optional<std::string_view>> fields_;
};

class BinaryCopySink final : public CopySink {
 public:
  BinaryCopySink(const UtilityRun& run, const std::vector<ResultColumn>& columns)
      : CopySink(run, columns) {
    for (const ResultColumn& column : columns) types::RequireSend(*io_.types, *column.info);
  }

  void AppendHeader(std::string& to) override { AppendBinaryCopyHeader(to); }

  void AppendRow(const types::Chunk& chunk, size_t row, std::string& to) override {
    base::AppendBigEndian<int16_t>(to, static_cast<int16_t>(columns_.size()));
    for (size_t i = 0; i < columns_.size(); ++i) {
      types::Datum value = chunk.column(i).DatumAt(row);
      size_t length_at = to.size();
      base::AppendBigEndian<int32_t>(to, -1);
      if (value.is_null()) continue;
      columns_[i].info->ops->send(io_, *columns_[i].info, value, to);
      base::StoreBigEndian<int32_t>(to.data() + length_at,
                                    static_cast<int32_t>(to.size() - length_at - 4));
    }
  }

  void AppendTrailer(std::string& to) override { AppendBinaryCopyTrailer(to); }
};

std::unique_ptr<CopySink> MakeSink(const UtilityRun& run, const BoundCopy& copy,
                                   const std::vector<ResultColumn>& columns) {
  if (IsBinary(copy)) return std::make_unique<BinaryCopySink>(run, columns);
  return std::make_unique<TextCopySink>(run, copy, columns);
}

void CopyTo(UtilityRun& run, BoundCopy& copy) {
  binder::BoundStatementPtr query =
      copy.query != nullptr ? std::move(copy.query) : TableQuery(copy);
  auto plan = std::make_shared<QueryPlan>(run.session, run.transaction, run.catalog, *query);
  LockTables(run, *plan);
  QueryExecution execution(plan);
  Execution::Context context;
  context.session = &run.session.context();
  context.transaction = &run.transaction;
  execution.Open(context);
  run.copy->BeginCopyOut(WireFormatOf(copy), static_cast<int>(plan->columns.size()));
  std::unique_ptr<CopySink> sink = MakeSink(run, copy, plan->columns);
  std::string data;
  auto send = [&] {
    if (!data.empty()) run.copy->WriteCopyData(data);
    data.clear();
  };
  sink->AppendHeader(data);
  if (!IsBinary(copy)) send();  // a binary one shares its message
  while (const types::Chunk* chunk = execution.Next()) {
    runtime::CheckInterrupts();
    for (size_t k = 0; k < chunk->row_count(); ++k) {
      sink->AppendRow(*chunk, chunk->rows[k], data);
      send();
      ++run.rows_affected;
    }
  }
  sink->AppendTrailer(data);
  send();
  execution.Close();
}

}  // namespace

void RunCopy(UtilityRun& run) {
  auto& copy = run.statement.As<BoundCopy>();
  RequireSupported(run, copy);
  if (copy.from) {
    CopyFrom(run, copy);
  } else {
    CopyTo(run, copy);
  }
}

}  // namespace sundog::session
