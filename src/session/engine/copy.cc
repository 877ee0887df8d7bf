// COPY FROM STDIN and TO STDOUT, in text and CSV.
#include <fmt/format.h>

#include "base/sql_error.h"
#include "runtime/interrupt.h"
#include "session/client.h"
#include "session/engine/copy_format.h"
#include "session/engine/utility_plan.h"
#include "types/utf8.h"

namespace sundog::session {

using binder::BoundCopy;

namespace {

void RequireSupported(const BoundCopy& copy) {
  if (copy.program) base::ThrowNotSupported("COPY with PROGRAM");
  if (!copy.file.empty()) base::ThrowNotSupported("COPY with a file on the server");
  if (copy.options.format == binder::CopyFormat::kBinary) {
    base::ThrowNotSupported("COPY in binary format");
  }
  if (copy.from && copy.where != nullptr) base::ThrowNotSupported("COPY FROM with WHERE");
}

// Feeds the client's rows to an INSERT as chunks.
class CopySource {
 public:
  CopySource(UtilityRun& run, BoundCopy& copy)
      : run_(run), copy_(copy), reader_(copy.options), buffer_(Kinds(run, copy)) {
    for (int16_t attnum : copy.columns) {
      columns_.push_back(copy.table->FindColumn(attnum));
      types_.push_back(&run.catalog->GetType(columns_.back()->type.oid));
      if (types_.back()->ops->input == nullptr) {
        base::ThrowNotSupported("COPY FROM into a column of type " + types_.back()->name);
      }
    }
    io_ = run.session.context().Io();
    io_.types = run.catalog.get();
    skip_header_ = copy.options.header != binder::CopyHeader::kNone;
  }

  const types::Chunk* Next() {
    runtime::CheckInterrupts();
    buffer_.Reset();
    size_t count = 0;
    while (count < types::kVectorSize && NextRow()) {
      if (skip_header_) {
        skip_header_ = false;
        if (copy_.options.header == binder::CopyHeader::kMatch) CheckHeader();
        continue;
      }
      Convert(count++);
    }
    return count == 0 ? nullptr : &buffer_.Finish(count);
  }

 private:
  static std::vector<types::PhysicalKind> Kinds(const UtilityRun& run, const BoundCopy& copy) {
    std::vector<types::PhysicalKind> kinds;
    for (int16_t attnum : copy.columns) {
      kinds.push_back(run.catalog->GetType(copy.table->FindColumn(attnum)->type.oid).physical);
    }
    return kinds;
  }

  bool NextRow() {
    while (!ReadRow()) {
      if (finished_) return false;
      std::string_view data;
      if (run_.copy->ReadCopyData(data)) {
        reader_.Append(data);
      } else {
        reader_.Finish();
        finished_ = true;
      }
    }
    return true;
  }

  bool ReadRow() {
    try {
      return reader_.NextRow(fields_);
    } catch (SqlError& error) {
      Fail(error, Where(nullptr));
    }
  }

  std::string Where(const catalog::ColumnDescriptor* column) const {
    std::string where =
        fmt::format("COPY {}, line {}", copy_.table->name, reader_.line());
    if (column != nullptr) {
      where += fmt::format(", column {}", column->name);
    } else if (reader_.line_text()) {
      where += fmt::format(": \"{}\"", Shown(*reader_.line_text()));
    }
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
           Where(nullptr));
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
           Where(nullptr));
    }
  }

  void Convert(size_t row) {
    if (fields_.size() > columns_.size()) {
      Fail(SqlError(sqlstate::kBadCopyFileFormat, "extra data after last expected column"),
           Where(nullptr));
    }
    if (fields_.size() < columns_.size()) {
      Fail(SqlError(sqlstate::kBadCopyFileFormat,
                    fmt::format("missing data for column \"{}\"",
                                columns_[fields_.size()]->name)),
           Where(nullptr));
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
        Fail(error, Where(columns_[i]) + fmt::format(": \"{}\"", Shown(*fields_[i])));
      }
    }
  }

  [[noreturn]] static void Fail(SqlError error, std::string where) {
    error.fields().context = std::move(where);
    throw error;
  }

  UtilityRun& run_;
  BoundCopy& copy_;
  CopyReader reader_;
  std::vector<const catalog::ColumnDescriptor*> columns_;
  std::vector<const types::TypeInfo*> types_;
  types::IoContext io_;
  types::ChunkBuffer buffer_;
  std::vector<std::optional<std::string_view>> fields_;
  bool skip_header_ = false;
  bool finished_ = false;
};

void CopyFrom(UtilityRun& run, BoundCopy& copy) {
  for (int16_t attnum : copy.columns) {
    copy.insert->feed_types.push_back(copy.table->FindColumn(attnum)->type);
  }
  CopySource source(run, copy);
  auto plan = std::make_shared<QueryPlan>(run.session, run.transaction, run.catalog, *copy.insert);
  LockTables(run, *plan);
  run.copy->BeginCopyIn(WireFormat::kText, static_cast<int>(copy.columns.size()));
  QueryExecution execution(plan);
  execution.context().feed = [&source] { return source.Next(); };
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
  run.copy->BeginCopyOut(WireFormat::kText, static_cast<int>(plan->columns.size()));
  types::IoContext io = run.session.context().Io();
  io.types = run.catalog.get();
  std::string line;
  if (copy.options.header != binder::CopyHeader::kNone) {
    std::vector<std::string> names;
    for (const ResultColumn& column : plan->columns) names.push_back(column.name);
    AppendCopyHeader(copy.options, names, line);
    run.copy->WriteCopyData(line);
  }
  std::vector<std::string> texts(plan->columns.size());
  std::vector<std::optional<std::string_view>> fields(plan->columns.size());
  while (const types::Chunk* chunk = execution.Next()) {
    runtime::CheckInterrupts();
    for (size_t k = 0; k < chunk->row_count(); ++k) {
      size_t row = chunk->rows[k];
      for (size_t i = 0; i < fields.size(); ++i) {
        types::Datum value = chunk->column(i).DatumAt(row);
        if (value.is_null()) {
          fields[i] = std::nullopt;
          continue;
        }
        texts[i].clear();
        types::OutputText(io, *plan->columns[i].info, value, texts[i]);
        fields[i] = texts[i];
      }
      line.clear();
      AppendCopyRow(copy.options, fields, line);
      run.copy->WriteCopyData(line);
      ++run.rows_affected;
    }
  }
  execution.Close();
}

}  // namespace

void RunCopy(UtilityRun& run) {
  auto& copy = run.statement.As<BoundCopy>();
  RequireSupported(copy);
  if (copy.from) {
    CopyFrom(run, copy);
  } else {
    CopyTo(run, copy);
  }
}

}  // namespace sundog::session
