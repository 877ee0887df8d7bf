// Schema sys: jobs.
#include "catalog/sys_schema.h"
#include "catalog/system/rows.h"
#include "types/calendar.h"

namespace sundog::catalog::system {

namespace {

void ListJobs(const VirtualContext& context, std::vector<Job>& rows) {
  rows = context.services->Jobs();
}

constexpr ColumnGetter<Job> kJobColumns[] = {
    {"job_id", [](const Job& row, Cell& cell) { cell.Text(JobIdText(row.id)); }},
    {"status", [](const Job& row, Cell& cell) { cell.Text(JobStatusName(row.status)); }},
    {"details", [](const Job& row, Cell& cell) { cell.Text(row.details); }},
    {"job_type", [](const Job& row, Cell& cell) { cell.Text(JobKindName(row.kind)); }},
    {"class_id",
     [](const Job& row, Cell& cell) {
       cell.Oid(row.kind == JobKind::kIndexBuild ? classes::kClass : classes::kConstraint);
     }},
    {"object_id", [](const Job& row, Cell& cell) { cell.Oid(row.object); }},
    {"object_name", [](const Job& row, Cell& cell) { cell.Text(row.object_name); }},
    {"start_time",
     [](const Job& row, Cell& cell) {
       cell.TimestampTz(row.start_us + types::kUnixEpochMicros);
     }},
    {"update_time",
     [](const Job& row, Cell& cell) {
       cell.TimestampTz(row.update_us + types::kUnixEpochMicros);
     }},
};

constexpr TableDefinition kTables[] = {
    {kSysSchema, "jobs", [] { return MakeTable<Job>(ListJobs, kJobColumns); }},
};

}  // namespace

std::span<const TableDefinition> SysViews() { return kTables; }

}  // namespace sundog::catalog::system
