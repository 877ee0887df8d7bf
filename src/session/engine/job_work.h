// What jobs do.
//
// An index that is built while others write goes through the states of catalog::IndexState as
// online schema changes do (Rae et al., "Online, Asynchronous Schema Change in F1"):
//
//   1. kInvalid: the statement has committed. Nobody writes entries.
//   2. kBuilding: every transaction that commits from now on writes entries. With locks, the change
//      waits until no writer holds the table, for a short while at a time, since those who come
//      after wait behind it; a writer that locks the table later finds the new catalog
//      (QueryPlan::LockTables). Without locks, whoever began before meets OC001 at its commit;
//      a statement on its own is then run again.
//   3. The entries of the rows that are there are added in steps (storage::BackfillRows): each
//      reads a snapshot, and is judged on the rows it read, on unique keys and on the catalog.
//   4. kReady, with the job's last state in the same commit; or kInvalid again, where rows share a
//      key or an expression fails: the index is then as good as dropped, but for its name.
//
// Where the work stands is in the catalog alone. A job that begins again adds what is missing.
#pragma once

#include "catalog/jobs.h"

namespace sundog::base {
class SqlError;
}

namespace sundog::session {

class JobSession;

// Returns when the job has ended, one way or the other, and its row says so. Throws what the
// environment does (53100, 58030), and 57P01 when cancelled.
void RunJob(JobSession& session, const catalog::Job& job);

// Ends the job where it is, as failed; an index that it was building is invalid from then on.
// Throws as RunJob does.
void AbandonJob(JobSession& session, const catalog::Job& job);

// The disk is full, or fails: nothing that the job can help.
bool IsOfEnvironment(const base::SqlError& error);

}  // namespace sundog::session
