// What the session and the server know of themselves: pg_settings, pg_stat_activity, pg_locks,
// pg_prepared_statements, pg_cursors, pg_stat_ssl, pg_stat_database, pg_timezone_names.
#include "catalog/system/rows.h"
#include "types/calendar.h"
#include "types/io_settings.h"
#include "types/time_zone.h"

namespace sundog::catalog::system {

namespace {

// --- pg_settings ---

void ListSettings(const VirtualContext& context, std::vector<SettingRow>& rows) {
  rows = context.services->Settings();
}

constexpr ColumnGetter<SettingRow> kSettingColumns[] = {
    {"name", [](const SettingRow& row, Cell& cell) { cell.Text(row.name); }},
    {"setting", [](const SettingRow& row, Cell& cell) { cell.Text(row.value); }},
    {"unit", [](const SettingRow& row, Cell& cell) { cell.OptionalText(row.unit); }},
    {"category", [](const SettingRow& row, Cell& cell) { cell.Text(row.category); }},
    {"short_desc", [](const SettingRow& row, Cell& cell) { cell.Text(row.description); }},
    {"context", [](const SettingRow& row, Cell& cell) { cell.Text(row.context); }},
    {"vartype", [](const SettingRow& row, Cell& cell) { cell.Text(row.vartype); }},
    {"source", [](const SettingRow& row, Cell& cell) { cell.Text(row.source); }},
    {"min_val", [](const SettingRow& row, Cell& cell) { cell.OptionalText(row.min_value); }},
    {"max_val", [](const SettingRow& row, Cell& cell) { cell.OptionalText(row.max_value); }},
    {"enumvals",
     [](const SettingRow& row, Cell& cell) {
       row.enum_values.empty() ? cell.Null() : cell.TextArray(row.enum_values);
     }},
    {"boot_val", [](const SettingRow& row, Cell& cell) { cell.OptionalText(row.boot_value); }},
    {"reset_val", [](const SettingRow& row, Cell& cell) { cell.OptionalText(row.reset_value); }},
    {"pending_restart", [](const SettingRow&, Cell& cell) { cell.Bool(false); }},
};

// --- pg_stat_activity ---

// Of others' sessions one sees little, without pg_read_all_stats.
struct ActivityRow : SessionRow {
  bool visible = true;
};

void ListActivity(const VirtualContext& context, std::vector<ActivityRow>& rows) {
  constexpr Oid kReadAllStats = 3375;
  const Catalog& catalog = *context.catalog;
  Oid self = context.services->current_role();
  bool all = catalog.HasPrivilegesOf(self, kReadAllStats);
  for (SessionRow& session : context.services->Sessions()) {
    ActivityRow& row = rows.emplace_back();
    static_cast<SessionRow&>(row) = std::move(session);
    row.visible = all || catalog.HasPrivilegesOf(self, row.role);
    if (row.visible) continue;
    row.client_address.clear();
    row.transaction_start_us.reset();
    row.query_start_us.reset();
    row.state_change_us.reset();
    row.state.clear();
    row.query = "<insufficient privilege>";
  }
}

void ListSsl(const VirtualContext& context, std::vector<ActivityRow>& rows) {
  ListActivity(context, rows);
  std::erase_if(rows, [](const ActivityRow& row) { return !row.visible; });
}

constexpr ColumnGetter<ActivityRow> kActivityColumns[] = {
    {"datid", [](const ActivityRow&, Cell& cell) { cell.Oid(kPostgresDatabase); }},
    {"datname",
     [](const ActivityRow&, Cell& cell) { cell.Text(cell.services().database_name()); }},
    {"pid", [](const ActivityRow& row, Cell& cell) { cell.Int4(row.pid); }},
    {"usesysid", [](const ActivityRow& row, Cell& cell) { cell.Oid(row.role); }},
    {"usename",
     [](const ActivityRow& row, Cell& cell) {
       const RoleDescriptor* role = cell.catalog().FindRole(row.role);
       role != nullptr ? cell.Text(role->name) : cell.Null();
     }},
    {"application_name",
     [](const ActivityRow& row, Cell& cell) { cell.Text(row.application_name); }},
    {"client_addr",
     [](const ActivityRow& row, Cell& cell) {
       const types::TypeInfo& inet = cell.catalog().GetType(types::oids::kInet);
       row.client_address.empty() || inet.ops->input == nullptr
           ? cell.Null()
           : cell.Parsed({types::oids::kInet, -1}, row.client_address);
     }},
    {"client_port",
     [](const ActivityRow& row, Cell& cell) {
       row.visible ? cell.Int4(row.client_port) : cell.Null();
     }},
    {"backend_start",
     [](const ActivityRow& row, Cell& cell) {
       row.visible ? cell.TimestampTz(row.backend_start_us) : cell.Null();
     }},
    {"xact_start",
     [](const ActivityRow& row, Cell& cell) { cell.TimestampTzOrNull(row.transaction_start_us); }},
    {"query_start",
     [](const ActivityRow& row, Cell& cell) { cell.TimestampTzOrNull(row.query_start_us); }},
    {"state_change",
     [](const ActivityRow& row, Cell& cell) { cell.TimestampTzOrNull(row.state_change_us); }},
    {"wait_event_type",
     [](const ActivityRow& row, Cell& cell) {
       row.state == "active" || !row.visible ? cell.Null() : cell.Text("Client");
     }},
    {"wait_event",
     [](const ActivityRow& row, Cell& cell) {
       row.state == "active" || !row.visible ? cell.Null() : cell.Text("ClientRead");
     }},
    {"state", [](const ActivityRow& row, Cell& cell) { cell.TextOrNull(row.state); }},
    {"query", [](const ActivityRow& row, Cell& cell) { cell.Text(row.query); }},
    {"backend_type",
     [](const ActivityRow& row, Cell& cell) {
       row.visible ? cell.Text("client backend") : cell.Null();
     }},
};

constexpr ColumnGetter<ActivityRow> kSslColumns[] = {
    {"pid", [](const ActivityRow& row, Cell& cell) { cell.Int4(row.pid); }},
    {"ssl", [](const ActivityRow& row, Cell& cell) { cell.Bool(row.ssl); }},
};

// --- pg_locks ---

void ListLocks(const VirtualContext& context, std::vector<LockRow>& rows) {
  rows = context.services->Locks();
}

constexpr ColumnGetter<LockRow> kLockColumns[] = {
    {"locktype", [](const LockRow& row, Cell& cell) { cell.Text(row.lock_type); }},
    {"database", [](const LockRow&, Cell& cell) { cell.Oid(kPostgresDatabase); }},
    {"relation",
     [](const LockRow& row, Cell& cell) {
       row.relation != kInvalidOid ? cell.Oid(row.relation) : cell.Null();
     }},
    {"classid",
     [](const LockRow& row, Cell& cell) {
       row.object_sub_id != 0 ? cell.Oid(row.class_id) : cell.Null();
     }},
    {"objid",
     [](const LockRow& row, Cell& cell) {
       row.object_sub_id != 0 ? cell.Oid(row.object_id) : cell.Null();
     }},
    {"objsubid",
     [](const LockRow& row, Cell& cell) {
       row.object_sub_id != 0 ? cell.Int2(row.object_sub_id) : cell.Null();
     }},
    {"virtualtransaction",
     [](const LockRow& row, Cell& cell) { cell.Text(row.virtual_transaction); }},
    {"pid", [](const LockRow& row, Cell& cell) { cell.Int4(row.pid); }},
    {"mode", [](const LockRow& row, Cell& cell) { cell.Text(row.mode); }},
    {"granted", [](const LockRow& row, Cell& cell) { cell.Bool(row.granted); }},
    {"fastpath", [](const LockRow&, Cell& cell) { cell.Bool(false); }},
};

// --- pg_prepared_statements, pg_cursors ---

void ListPrepared(const VirtualContext& context, std::vector<PreparedStatementRow>& rows) {
  rows = context.services->PreparedStatements();
}

constexpr ColumnGetter<PreparedStatementRow> kPreparedColumns[] = {
    {"name", [](const PreparedStatementRow& row, Cell& cell) { cell.Text(row.name); }},
    {"statement", [](const PreparedStatementRow& row, Cell& cell) { cell.Text(row.statement); }},
    {"prepare_time",
     [](const PreparedStatementRow& row, Cell& cell) { cell.TimestampTz(row.prepared_us); }},
    {"parameter_types",
     [](const PreparedStatementRow& row, Cell& cell) {
       cell.OidArrayOf(types::oids::kRegtype, row.parameter_types);
     }},
    {"from_sql", [](const PreparedStatementRow& row, Cell& cell) { cell.Bool(row.from_sql); }},
    {"generic_plans", [](const PreparedStatementRow&, Cell& cell) { cell.Int8(0); }},
    {"custom_plans", [](const PreparedStatementRow&, Cell& cell) { cell.Int8(0); }},
};

void ListCursors(const VirtualContext& context, std::vector<CursorRow>& rows) {
  rows = context.services->Cursors();
}

constexpr ColumnGetter<CursorRow> kCursorColumns[] = {
    {"name", [](const CursorRow& row, Cell& cell) { cell.Text(row.name); }},
    {"statement", [](const CursorRow& row, Cell& cell) { cell.Text(row.statement); }},
    {"is_holdable", [](const CursorRow& row, Cell& cell) { cell.Bool(row.holdable); }},
    {"is_binary", [](const CursorRow& row, Cell& cell) { cell.Bool(row.binary); }},
    {"is_scrollable", [](const CursorRow& row, Cell& cell) { cell.Bool(row.scrollable); }},
    {"creation_time", [](const CursorRow& row, Cell& cell) { cell.TimestampTz(row.created_us); }},
};

// --- pg_stat_database: nothing is counted but the sessions ---

struct DatabaseRow {
  int32_t sessions;
};

void ListDatabases(const VirtualContext& context, std::vector<DatabaseRow>& rows) {
  rows.push_back({static_cast<int32_t>(context.services->Sessions().size())});
}

constexpr ColumnGetter<DatabaseRow> kDatabaseColumns[] = {
    {"datid", [](const DatabaseRow&, Cell& cell) { cell.Oid(kPostgresDatabase); }},
    {"datname",
     [](const DatabaseRow&, Cell& cell) { cell.Text(cell.services().database_name()); }},
    {"numbackends", [](const DatabaseRow& row, Cell& cell) { cell.Int4(row.sessions); }},
};

// --- pg_timezone_names: as at the transaction's start ---

struct ZoneRow {
  std::string name;
  std::string abbreviation;
  int32_t offset_s;
  bool is_dst;
};

int64_t UnixSecondsOfTransaction(const VirtualContext& context) {
  return types::FloorDivide(context.io.settings->transaction_start_us, types::kMicrosPerSecond) -
         types::kUnixEpochSeconds;
}

void ListZoneNames(const VirtualContext& context, std::vector<ZoneRow>& rows) {
  int64_t now_s = UnixSecondsOfTransaction(context);
  for (const std::string& name : types::TimeZone::Names()) {
    std::unique_ptr<types::TimeZone> zone = types::TimeZone::Load(name);
    if (zone == nullptr) continue;
    const types::ZonePeriod& period = zone->PeriodAt(now_s);
    rows.push_back({name, std::string(period.abbreviation), static_cast<int32_t>(period.offset_s),
                    period.is_dst});
  }
}

constexpr ColumnGetter<ZoneRow> kZoneNameColumns[] = {
    {"name", [](const ZoneRow& row, Cell& cell) { cell.Text(row.name); }},
    {"abbrev", [](const ZoneRow& row, Cell& cell) { cell.Text(row.abbreviation); }},
    {"utc_offset",
     [](const ZoneRow& row, Cell& cell) {
       cell.Parsed({types::oids::kInterval, -1}, std::to_string(row.offset_s) + " seconds");
     }},
    {"is_dst", [](const ZoneRow& row, Cell& cell) { cell.Bool(row.is_dst); }},
};

constexpr TableDefinition kTables[] = {
    {kPgCatalogSchema, "pg_settings",
     [] { return MakeTable<SettingRow>(ListSettings, kSettingColumns); }},
    {kPgCatalogSchema, "pg_stat_activity",
     [] { return MakeTable<ActivityRow>(ListActivity, kActivityColumns); }},
    {kPgCatalogSchema, "pg_stat_ssl",
     [] { return MakeTable<ActivityRow>(ListSsl, kSslColumns); }},
    {kPgCatalogSchema, "pg_locks", [] { return MakeTable<LockRow>(ListLocks, kLockColumns); }},
    {kPgCatalogSchema, "pg_prepared_statements",
     [] { return MakeTable<PreparedStatementRow>(ListPrepared, kPreparedColumns); }},
    {kPgCatalogSchema, "pg_cursors",
     [] { return MakeTable<CursorRow>(ListCursors, kCursorColumns); }},
    {kPgCatalogSchema, "pg_stat_database",
     [] { return MakeTable<DatabaseRow>(ListDatabases, kDatabaseColumns); }},
    {kPgCatalogSchema, "pg_timezone_names",
     [] { return MakeTable<ZoneRow>(ListZoneNames, kZoneNameColumns); }},
};

}  // namespace

std::span<const TableDefinition> SessionViews() { return kTables; }

}  // namespace sundog::catalog::system
