#include "catalog/system/recorded_table.h"

#include <charconv>

#include "catalog/extensions.h"
#include "types/extension_oids.h"

namespace sundog::catalog::system {

namespace {

template <typename T>
T Number(std::string_view text) {
  T value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

template <typename T>
std::vector<T> Numbers(std::string_view text) {
  std::vector<T> numbers;
  while (!text.empty()) {
    size_t space = text.find(' ');
    if (space != 0) numbers.push_back(Number<T>(text.substr(0, space)));
    if (space == std::string_view::npos) break;
    text.remove_prefix(space + 1);
  }
  return numbers;
}

// COPY's escapes: the file is in its text format.
std::string Unescaped(std::string_view text) {
  std::string plain;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      plain += text[i];
      continue;
    }
    switch (text[++i]) {
      case 'n': plain += '\n'; break;
      case 't': plain += '\t'; break;
      case 'r': plain += '\r'; break;
      default: plain += text[i];
    }
  }
  return plain;
}

class RecordedTable final : public DefinedTable {
 public:
  RecordedTable(base::Tsv (*rows)(), std::span<const ColumnConstant> constants)
      : rows_(rows()), constants_(constants) {
    oid_column_ = rows_.HasColumn("oid") ? "oid" : rows_.HasColumn("aggfnoid") ? "aggfnoid" : "";
    while (member_count_ < rows_.row_count() &&
           types::IsExtensionMember(OidOf(rows_.row_count() - 1 - member_count_))) {
      ++member_count_;
    }
  }

  void BindColumns() override {
    for (const VirtualColumn& column : columns()) {
      Source source;
      for (const ColumnConstant& constant : constants_) {
        if (constant.column == column.name) source.constant = constant.text;
      }
      source.recorded = !source.constant && rows_.HasColumn(column.name);
      source.schema = column.name.ends_with("namespace");
      sources_.push_back(source);
    }
  }

  std::unique_ptr<VirtualScan> Open(const VirtualContext& context,
                                    std::span<const int> wanted) const override {
    return std::make_unique<Scan>(*this, context, wanted);
  }

 private:
  struct Source {
    std::optional<std::string_view> constant;
    bool recorded = false;
    bool schema = false;  // of an extension's member: the extension's
  };

  Oid OidOf(size_t row) const {
    if (oid_column_.empty()) return kInvalidOid;
    return static_cast<Oid>(rows_.Number(row, oid_column_));
  }

  class Scan final : public VirtualScan {
   public:
    Scan(const RecordedTable& table, const VirtualContext& context, std::span<const int> wanted)
        : table_(table), context_(context), wanted_(wanted.begin(), wanted.end()) {
      size_t end = table.rows_.row_count();
      plain_count_ = end - table.member_count_;
      for (size_t row = plain_count_; row < end; ++row) {
        const auto* extension = ExtensionOf(*context.catalog, table.OidOf(row));
        if (extension != nullptr) members_.push_back({row, extension->schema});
      }
    }

    size_t Next(std::span<types::Vector* const> columns, size_t capacity) override {
      size_t count = std::min(capacity, plain_count_ + members_.size() - next_);
      for (size_t i = 0; i < wanted_.size(); ++i) {
        columns[i]->Reset();
        for (size_t row = 0; row < count; ++row) {
          Cell cell(*columns[i], row, context_);
          Set(static_cast<size_t>(wanted_[i]), next_ + row, cell);
        }
      }
      next_ += count;
      return count;
    }

   private:
    struct Member {
      size_t row;
      Oid schema;
    };

    void Set(size_t ordinal, size_t at, Cell& cell) const {
      const VirtualColumn& column = table_.columns()[ordinal];
      const Source& source = table_.sources_[ordinal];
      const Member* member = at < plain_count_ ? nullptr : &members_[at - plain_count_];
      if (member != nullptr && source.schema) return cell.Oid(member->schema);
      std::optional<std::string_view> text = source.constant;
      size_t row = member != nullptr ? member->row : at;
      if (source.recorded) text = table_.rows_.Cell(row, column.name);
      SetRecorded(column, text, cell);
    }

    const RecordedTable& table_;
    VirtualContext context_;
    std::vector<int> wanted_;
    size_t plain_count_;
    std::vector<Member> members_;  // of the extensions that are there
    size_t next_ = 0;
  };

  base::Tsv rows_;
  std::span<const ColumnConstant> constants_;
  std::vector<Source> sources_;
  std::string_view oid_column_;
  size_t member_count_ = 0;  // rows at the end that are members of extensions
};

}  // namespace

void SetRecorded(const VirtualColumn& column, std::optional<std::string_view> text, Cell& cell) {
  if (!text) return column.not_null ? cell.Zero() : cell.Null();
  switch (column.type.oid) {
    case types::oids::kBool: return cell.Bool(*text == "t");
    case types::oids::kCharInternal: return cell.Char(text->empty() ? '\0' : (*text)[0]);
    case types::oids::kInt2: return cell.Int2(Number<int16_t>(*text));
    case types::oids::kInt4: return cell.Int4(Number<int32_t>(*text));
    case types::oids::kInt8: return cell.Int8(Number<int64_t>(*text));
    case types::oids::kFloat4: return cell.Float4(Number<float>(*text));
    case types::oids::kOid:
    case types::oids::kXid:
    case types::oids::kRegproc: return cell.Oid(Number<uint32_t>(*text));
    case types::oids::kOidvector: return cell.OidVector(Numbers<Oid>(*text));
    case types::oids::kInt2vector: return cell.Int2Vector(Numbers<int16_t>(*text));
    case types::oids::kName:
    case types::oids::kText:
    case types::oids::kPgNodeTree: return cell.Text(Unescaped(*text));
    default: return cell.Parsed(column.type, Unescaped(*text));
  }
}

std::unique_ptr<DefinedTable> MakeRecordedTable(base::Tsv (*rows)(),
                                                std::span<const ColumnConstant> constants) {
  return std::make_unique<RecordedTable>(rows, constants);
}

}  // namespace sundog::catalog::system
