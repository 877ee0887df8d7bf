// CREATE SEQUENCE, ALTER SEQUENCE, and sequence options.
#include "binder/bind_utility.h"
#include "binder/ddl/ddl_binding.h"
#include "catalog/ddl/permission.h"
#include "catalog/ddl/sequence.h"
#include "parser/pg_nodes.h"

namespace sundog::binder {

using parser::As;
using parser::TagOf;

namespace {

int64_t NumberOf(const DefElem* option) {
  if (option->arg != nullptr && TagOf(option->arg) == T_Integer) {
    return As<Integer>(option->arg)->ival;
  }
  std::string text = option->arg == nullptr ? "" : OptionText(option);
  char* end = nullptr;
  errno = 0;
  int64_t value = std::strtoll(text.c_str(), &end, 10);
  if (text.empty() || *end != '\0' || errno != 0) {
    throw SqlError(sqlstate::kNumericValueOutOfRange,
                   "value \"" + text + "\" is out of range for type bigint");
  }
  return value;
}

ddl::SequenceSpec::Owner BindOwner(const DdlRun& run, const List* names) {
  std::vector<std::string> parts = NameParts(names);
  if (parts.size() == 1) {
    if (parts[0] == "none") return {};
    throw SqlError(sqlstate::kSyntaxError, "invalid OWNED BY option")
        .Hint("Specify OWNED BY table.column or OWNED BY NONE.");
  }
  RangeVar table = {};
  table.relname = parts[parts.size() - 2].data();
  if (parts.size() > 2) table.schemaname = parts[parts.size() - 3].data();
  const catalog::Relation& relation = RequireRelation(run, &table);
  if (relation.kind != 'r' || relation.table == nullptr) {
    throw SqlError(sqlstate::kWrongObjectType,
                   "sequence cannot be owned by relation \"" + relation.name + "\"");
  }
  const catalog::ColumnDescriptor* column =
      relation.table->FindColumn(std::string_view(parts.back()));
  if (column == nullptr) {
    throw SqlError(sqlstate::kUndefinedColumn, "column \"" + parts.back() + "\" of relation \"" +
                                                   relation.name + "\" does not exist");
  }
  return {relation.oid, column->attnum};
}

}  // namespace

void BindSequenceOptions(const DdlRun& run, const List* options, ddl::SequenceSpec& spec) {
  std::vector<std::string_view> seen;
  for (const DefElem* option : parser::Each<DefElem>(options)) {
    std::string_view name = option->defname;
    for (std::string_view earlier : seen) {
      if (earlier != name) continue;
      throw SqlError(sqlstate::kSyntaxError, "conflicting or redundant options")
          .At(option->location);
    }
    seen.push_back(name);
    if (name == "as") {
      PieceBinding piece(run);
      spec.type = ResolveType(piece.state, As<::TypeName>(option->arg)).oid;
      spec.type_given = true;
    } else if (name == "increment") {
      spec.increment = NumberOf(option);
    } else if (name == "start") {
      spec.start = NumberOf(option);
    } else if (name == "restart") {
      spec.restart = true;
      if (option->arg != nullptr) spec.restart_with = NumberOf(option);
    } else if (name == "maxvalue") {
      if (option->arg == nullptr) {
        spec.no_max = true;
      } else {
        spec.max_value = NumberOf(option);
      }
    } else if (name == "minvalue") {
      if (option->arg == nullptr) {
        spec.no_min = true;
      } else {
        spec.min_value = NumberOf(option);
      }
    } else if (name == "cycle") {
      spec.cycle = As<Boolean>(option->arg)->boolval;
    } else if (name == "cache") {
      spec.cache = NumberOf(option);
    } else if (name == "owned_by") {
      spec.owned_by = BindOwner(run, As<List>(option->arg));
    } else if (name == "sequence_name") {
      std::vector<std::string> parts = NameParts(As<List>(option->arg));
      spec.name = parts.back();
    } else if (name == "generated") {
      continue;  // of the identity column that the sequence belongs to
    } else {
      base::ThrowNotSupported("sequence option " + std::string(name), option->location);
    }
  }
}

void RunCreateSequence(DdlRun& run, const Node* node) {
  const auto* statement = As<CreateSeqStmt>(node);
  ddl::SequenceSpec spec;
  spec.schema = CreationSchema(run, statement->sequence, &spec.persistence);
  BindSequenceOptions(run, statement->options, spec);
  spec.name = statement->sequence->relname;
  ddl::CreateSequence(run.writer(), spec, statement->if_not_exists);
}

void RunAlterSequence(DdlRun& run, const Node* node) {
  const auto* statement = As<AlterSeqStmt>(node);
  const catalog::Relation* found = FindRelation(run, statement->sequence);
  if (found == nullptr) {
    if (!statement->missing_ok) RequireRelation(run, statement->sequence);
    return NoticeMissing(run, "relation \"" + std::string(statement->sequence->relname) +
                                  "\" does not exist");
  }
  if (found->sequence == nullptr) {
    throw SqlError(sqlstate::kWrongObjectType, "\"" + found->name + "\" is not a sequence");
  }
  ddl::CheckOwnsRelation(run.writer(), *found);
  ddl::SequenceSpec spec;
  BindSequenceOptions(run, statement->options, spec);
  Oid sequence = found->oid;
  ddl::SequenceChange change = ddl::AlterSequence(run.writer(), sequence, spec,
                                                  run.target().SequenceLastValue(sequence));
  if (change.restart_value) run.target().RestartSequence(sequence, *change.restart_value);
}

}  // namespace sundog::binder
