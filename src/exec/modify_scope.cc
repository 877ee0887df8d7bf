// Foreign keys at the end of a statement: checks on the referencing side, actions on the referenced
// one, cascades until nothing is left to do.
#include <cstring>

#include "catalog/catalog.h"
#include "catalog/owner_scope.h"
#include "exec/row_writer.h"
#include "runtime/interrupt.h"
#include "storage/table_reader.h"

namespace sundog::exec {

using catalog::ReferentialAction;

RowWriter& ModifyScope::WriterOf(const std::shared_ptr<const planner::PhysicalTableRules>& rules) {
  std::unique_ptr<RowWriter>& writer = writers_[rules->table->oid];
  if (writer == nullptr) writer = std::make_unique<RowWriter>(rules, *this);
  return *writer;
}

bool ModifyScope::IsDeferred(const catalog::ConstraintDescriptor& constraint) const {
  if (!constraint.deferrable || context_.deferred_foreign_keys == nullptr) return false;
  for (Oid oid : context_.deferred_constraints) {
    if (oid == constraint.oid) return true;
  }
  return false;
}

storage::ForeignKey ModifyScope::KeyOf(
    const std::shared_ptr<const catalog::TableDescriptor>& referencing,
    const catalog::ConstraintDescriptor& constraint) {
  std::shared_ptr<const catalog::TableDescriptor> referenced =
      context_.catalog->FindTable(constraint.referenced_table);
  storage::ForeignKey key;
  key.constraint = &constraint;
  key.referencing = context_.layouts->LayoutOf(referencing);
  key.referenced = context_.layouts->LayoutOf(referenced);
  key.io = &context_.environment.io;
  key.reader = context_.error_reader();
  const catalog::SchemaDescriptor* schema = context_.catalog->FindSchema(referencing->schema);
  if (schema != nullptr) key.referencing_schema = schema->name;
  return key;
}

std::unique_ptr<RowStore> ModifyScope::Keep(const Chunk& rows,
                                            const std::vector<types::PhysicalKind>& kinds) {
  DeferredForeignKeys* deferred = context_.deferred_foreign_keys;
  auto store = std::make_unique<RowStore>(
      kinds, deferred != nullptr ? deferred->memory() : context_.memory);
  store->Append(rows);
  return store;
}

void ModifyScope::Note(ForeignKeyEvent event) {
  if (IsDeferred(*event.key.constraint)) {
    context_.deferred_foreign_keys->Add(std::move(event));
  } else {
    events_.push_back(std::move(event));
  }
}

void ModifyScope::Inserted(const RowWriter& writer, const Chunk& rows) {
  std::shared_ptr<const catalog::TableDescriptor> table =
      context_.catalog->FindTable(writer.table().oid);
  if (table == nullptr) return;  // being made by this very statement: it has no foreign keys yet
  for (const catalog::ConstraintDescriptor& constraint : table->constraints) {
    if (constraint.kind != catalog::ConstraintKind::kForeignKey) continue;
    ForeignKeyEvent event{ForeignKeyEvent::Kind::kReferencing, KeyOf(table, constraint), nullptr,
                          Keep(rows, writer.kinds()), table};
    Note(std::move(event));
  }
}

namespace {

size_t LivePosition(const storage::TableLayout& layout, int16_t attnum) {
  size_t position = 0;
  while (layout.live_attnums()[position] != attnum) ++position;
  return position;
}

bool SameBytes(const Vector& a, const Vector& b, size_t row) {
  if (a.IsNull(row) || b.IsNull(row)) return a.IsNull(row) == b.IsNull(row);
  if (a.kind() == types::PhysicalKind::kVarlen) {
    return a.At<std::string_view>(row) == b.At<std::string_view>(row);
  }
  return std::memcmp(a.DatumAt(row).payload(), b.DatumAt(row).payload(),
                     types::PhysicalWidth(a.kind())) == 0;
}

// The rows whose key columns an UPDATE has written with other values.
std::vector<uint16_t> MovedRows(const storage::TableLayout& layout,
                                const std::vector<int16_t>& columns, const Chunk& old_rows,
                                const Chunk& new_rows) {
  std::vector<uint16_t> moved;
  old_rows.rows.ForEach([&](size_t row) {
    for (int16_t attnum : columns) {
      size_t position = LivePosition(layout, attnum);
      if (SameBytes(old_rows.column(position), new_rows.column(position), row)) continue;
      moved.push_back(static_cast<uint16_t>(row));
      return;
    }
  });
  return moved;
}

}  // namespace

void ModifyScope::Updated(const RowWriter& writer, const Chunk& old_rows, const Chunk& new_rows) {
  std::shared_ptr<const catalog::TableDescriptor> table =
      context_.catalog->FindTable(writer.table().oid);
  for (const catalog::ConstraintDescriptor& constraint : table->constraints) {
    if (constraint.kind != catalog::ConstraintKind::kForeignKey) continue;
    std::vector<uint16_t> moved =
        MovedRows(*writer.layout(), constraint.columns, old_rows, new_rows);
    if (moved.empty()) continue;
    Chunk rows{new_rows.columns, RowSet(moved.data(), moved.size())};
    Note({ForeignKeyEvent::Kind::kReferencing, KeyOf(table, constraint), nullptr,
          Keep(rows, writer.kinds()), table});
  }
  for (const catalog::IncomingForeignKey& incoming :
       context_.catalog->IncomingForeignKeys(writer.table().oid)) {
    storage::ForeignKey key = KeyOf(incoming.table, *incoming.constraint);
    std::vector<uint16_t> moved;
    old_rows.rows.ForEach([&](size_t row) {
      if (storage::ReferencedKeyChanged(key, old_rows, new_rows, row)) {
        moved.push_back(static_cast<uint16_t>(row));
      }
    });
    if (moved.empty()) continue;
    RowSet rows(moved.data(), moved.size());
    ForeignKeyEvent event{ForeignKeyEvent::Kind::kReferenced, key,
                          Keep(Chunk{old_rows.columns, rows}, writer.kinds()),
                          Keep(Chunk{new_rows.columns, rows}, writer.kinds()), incoming.table};
    Note(std::move(event));
  }
}

void ModifyScope::Deleted(const RowWriter& writer, const Chunk& old_rows) {
  for (const catalog::IncomingForeignKey& incoming :
       context_.catalog->IncomingForeignKeys(writer.table().oid)) {
    ForeignKeyEvent event{ForeignKeyEvent::Kind::kReferenced,
                          KeyOf(incoming.table, *incoming.constraint),
                          Keep(old_rows, writer.kinds()), nullptr, incoming.table};
    Note(std::move(event));
  }
}

void ModifyScope::Finish() {
  while (!events_.empty()) {
    std::vector<ForeignKeyEvent> events;
    events.swap(events_);
    RunEvents(std::move(events));
  }
  keepalive_.clear();
  if (context_.deferred_unique != nullptr) {
    context_.deferred_unique->Run(*context_.transaction, /*at_commit=*/false);
  }
}

void ModifyScope::RunEvents(std::vector<ForeignKeyEvent> events) {
  for (ForeignKeyEvent& event : events) {
    runtime::CheckInterrupts();
    Carry(event);
  }
}

void ModifyScope::Carry(ForeignKeyEvent& event) {
  if (event.kind == ForeignKeyEvent::Kind::kReferenced) {
    // A command of its own, as PostgreSQL's triggers run: a row may be changed by one action after
    // the other.
    txn::Transaction::NestedStatement command(*context_.transaction);
    return CarryReferenced(event);
  }
  for (size_t i = 0; i < event.new_rows->chunk_count(); ++i) {
    storage::CheckReferencedRows(event.key, *context_.transaction, event.new_rows->chunk(i));
  }
}

void ModifyScope::CarryReferenced(ForeignKeyEvent& event) {
  bool is_delete = event.new_rows == nullptr;
  const catalog::ConstraintDescriptor& constraint = *event.key.constraint;
  ReferentialAction action = is_delete ? constraint.on_delete : constraint.on_update;
  for (size_t i = 0; i < event.old_rows->chunk_count(); ++i) {
    const Chunk& old_rows = event.old_rows->chunk(i);
    const Chunk* new_rows = is_delete ? nullptr : &event.new_rows->chunk(i);
    for (size_t row = 0; row < old_rows.row_count(); ++row) {
      if (action == ReferentialAction::kNoAction || action == ReferentialAction::kRestrict) {
        storage::CheckNotReferenced(event.key, *context_.transaction, old_rows, row,
                                    action == ReferentialAction::kRestrict);
      } else {
        Cascade(event, action, old_rows, new_rows, row);
        // The default may be the very key that went.
        if (action == ReferentialAction::kSetDefault) {
          storage::CheckNotReferenced(event.key, *context_.transaction, old_rows, row,
                                      /*restrict=*/false);
        }
      }
    }
  }
}

namespace {

// Whether SET NULL and SET DEFAULT touch the i-th column of the key.
bool IsSet(const catalog::ConstraintDescriptor& constraint, size_t i, bool is_delete) {
  if (!is_delete || constraint.delete_set_columns.empty()) return true;
  for (int16_t attnum : constraint.delete_set_columns) {
    if (attnum == constraint.columns[i]) return true;
  }
  return false;
}

}  // namespace

// Deletes or changes the rows that refer to row `row` of `old_rows`.
void ModifyScope::Cascade(ForeignKeyEvent& event, ReferentialAction action, const Chunk& old_rows,
                          const Chunk* new_rows, size_t row) {
  const catalog::ConstraintDescriptor& constraint = *event.key.constraint;
  // Errors are told to whoever runs the statement.
  RowWriter& writer = WriterOf(context_.rules->RulesOf(event.referencing));
  catalog::OwnerScope as_owner(*context_.environment.services,
                               context_.catalog->FindTable(event.referencing->oid)->owner);
  const storage::TableLayout& layout = *event.key.referencing;
  storage::ReferencingRows referencing(event.key, *context_.transaction);
  referencing.Seek(old_rows, row);
  types::ChunkBuffer found(referencing.kinds());
  types::ChunkBuffer changed_rows(writer.kinds());
  size_t live_count = writer.kinds().size();
  while (true) {
    found.Reset();
    size_t count = referencing.Next(found);
    if (count == 0) return;
    const Chunk& chunk = found.Finish(count);
    Chunk live{{chunk.columns.begin(), chunk.columns.begin() + live_count}, RowSet(count)};
    std::vector<bool> done(count);
    if (action == ReferentialAction::kCascade && new_rows == nullptr) {
      writer.Delete(chunk.column(live_count), &chunk.column(live_count + 1), live, &done);
      continue;
    }
    changed_rows.Reset();
    for (size_t i = 0; i < live_count; ++i) {
      for (size_t k = 0; k < count; ++k) changed_rows.column(i).CopyFrom(k, live.column(i), k);
    }
    for (size_t i = 0; i < constraint.columns.size(); ++i) {
      if (action != ReferentialAction::kCascade && !IsSet(constraint, i, new_rows == nullptr)) {
        continue;
      }
      size_t position = LivePosition(layout, constraint.columns[i]);
      Datum value;
      if (action == ReferentialAction::kCascade) {
        size_t source = LivePosition(*event.key.referenced, constraint.referenced_columns[i]);
        value = new_rows->column(source).DatumAt(row);
      } else if (action == ReferentialAction::kSetDefault) {
        const auto& rules = context_.rules->RulesOf(event.referencing);
        const auto& expression = rules->defaults[position];
        if (expression != nullptr) {
          auto evaluator = std::make_shared<ScalarEvaluator>(*expression, context_);
          value = evaluator->Evaluate();
          keepalive_.push_back(evaluator);
        }
      }
      for (size_t k = 0; k < count; ++k) {
        changed_rows.column(position).SetNotNull(k);
        changed_rows.column(position).CopyDatum(k, value);
      }
    }
    writer.Update(chunk.column(live_count), &chunk.column(live_count + 1), live, changed_rows,
                  count, &done);
  }
}

void DeferredForeignKeys::Run(ExecutionContext& context) {
  while (!events_.empty()) {
    std::vector<ForeignKeyEvent> events;
    events.swap(events_);
    ModifyScope scope(context);
    // Made by statements that are over: the constraint may be gone, and what keys point to.
    std::erase_if(events, [&](const ForeignKeyEvent& event) {
      auto table = context.catalog->FindTable(event.referencing->oid);
      return table == nullptr || table->FindConstraint(event.key.constraint->oid) == nullptr;
    });
    for (ForeignKeyEvent& event : events) {
      event.key = scope.KeyOf(event.referencing, *event.key.constraint);
    }
    scope.RunEvents(std::move(events));
    scope.Finish();
  }
}

}  // namespace sundog::exec
