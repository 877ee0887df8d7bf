#include "control/tenant_sql.h"

#include <fmt/format.h>

#include <atomic>

#include "catalog/catalog.h"
#include "control/silent_client.h"
#include "session/engine/engine.h"
#include "session/session.h"
#include "types/type_info.h"

namespace sundog::control {

namespace {

// Connections count from 1000 on, jobs from a thousand million.
constexpr int32_t kFirstProcess = 900'000'000;
constexpr uint32_t kProcesses = 100'000'000;

// Numbers come again, long after whoever had them is gone.
int32_t NextProcess() {
  static std::atomic<uint32_t> next{0};
  return kFirstProcess +
         static_cast<int32_t>(next.fetch_add(1, std::memory_order_relaxed) % kProcesses);
}

// Keeps rows and the first error.
class Collector final : public SilentClient {
 public:
  SqlRows& rows() { return rows_; }
  const std::optional<base::ErrorFields>& error() const { return error_; }

  void RowDescription(std::span<const session::ResultColumn> columns,
                      const session::ResultFormats&) override {
    rows_ = {};
    for (const session::ResultColumn& column : columns) rows_.columns.push_back(column.name);
  }
  void Rows(const types::Chunk& chunk, size_t first, size_t count,
            std::span<const session::ResultColumn> columns, const session::ResultFormats&,
            const types::IoContext& io) override {
    for (size_t i = first; i < first + count; ++i) {
      auto& row = rows_.rows.emplace_back();
      for (size_t column = 0; column < columns.size(); ++column) {
        const types::Vector& vector = chunk.column(column);
        auto& value = row.emplace_back();
        if (vector.IsNull(chunk.rows[i])) continue;
        types::OutputText(io, *columns[column].info, vector.DatumAt(chunk.rows[i]),
                          value.emplace());
      }
    }
  }
  void Error(const base::ErrorFields& fields, int) override {
    if (!error_) error_ = fields;
  }
  // Rows that are kept can be given up until the statement's end.
  uint64_t Mark() const override { return 0; }
  bool Rewind(uint64_t) override {
    rows_ = {};
    return true;
  }

 private:
  SqlRows rows_;
  std::optional<base::ErrorFields> error_;
};

}  // namespace

session::SessionIdentity IdentityOf(session::Engine& engine, const Cluster& cluster,
                                    std::string_view role) {
  catalog::CatalogPtr catalog = engine.NewestCatalog(cluster.tenant);
  const catalog::RoleDescriptor* descriptor = catalog->FindRole(role);
  if (descriptor == nullptr) {
    throw SqlError(sqlstate::kInvalidAuthorizationSpecification,
                   fmt::format("role \"{}\" does not exist", role));
  }
  session::SessionIdentity identity;
  identity.tenant = cluster.tenant;
  identity.profile = cluster.profile;
  identity.database = "postgres";
  identity.user = role;
  identity.process_id = NextProcess();
  identity.is_superuser = descriptor->superuser;
  return identity;
}

SqlRows RunAs(session::Engine& engine, const Cluster& cluster, std::string_view role,
              const std::string& sql) {
  Collector collector;
  session::Session session(engine, collector, IdentityOf(engine, cluster, role), engine.clock());
  // What the statements name is PostgreSQL's, whatever the role keeps as its search_path, and
  // whatever functions and tables of the same names it leads to.
  session.context().settings().SetDefault("search_path", "pg_catalog");
  session.Start();
  session.Query(sql);
  if (collector.error()) throw SqlError(*collector.error());
  return std::move(collector.rows());
}

}  // namespace sundog::control
