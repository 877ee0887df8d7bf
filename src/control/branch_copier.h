// Makes branches: independent copies of a database as of one moment, while the database is used.
//
// 1. The sequences' positions are made exact in the store, and a snapshot of it is opened. All that
//    the branch has is of that snapshot.
// 2. All keys of the source's tenant but those of temporary tables are written under the branch's,
//    chunk by chunk. No value names a tenant. What is in memory, or under the server's own tenant,
//    is not copied: activity, identities, tokens, policies, tags, jobs that have ended.
// 3. The last commit makes the branch ACTIVE, and has what is its own: admin's password, the
//    catalog's identity, and for each job of the source that was under way one that does the same
//    work on the copy. OIDs, storage ids and sequences go on from the positions that were copied;
//    hidden row ids follow the last rows.
//
// A branch that a stopped server left is CREATE_FAILED at the next start: its moment is over. One
// that is deleted meanwhile is given up: each commit is judged on the row that says CLONING.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <thread>

#include "control/clusters.h"
#include "runtime/mutex.h"

namespace sundog::session {
class Engine;
}

namespace sundog::control {

// Safe from all threads. Outlived by what it is given.
class BranchCopier {
 public:
  // Those that are CLONING now have failed.
  BranchCopier(Clusters& clusters, session::Engine& engine);
  ~BranchCopier() { Stop(); }
  BranchCopier(const BranchCopier&) = delete;
  BranchCopier& operator=(const BranchCopier&) = delete;

  // On a thread of its own; suspends only when there is none to be had, and the branch fails.
  // `verifier`: of the branch's admin.
  void Start(const ClusterPtr& branch, uint32_t source_tenant, std::string verifier);
  // Gives up what it is at, and starts no more.
  void Stop();
  // From 0 to 1, as far as the source's size is known.
  double Progress(const std::string& id);

 private:
  struct Copy {
    ClusterPtr branch;
    uint32_t source_tenant = 0;
    std::string verifier;
    std::atomic<uint64_t> total_bytes = 0;
    std::atomic<uint64_t> copied_bytes = 0;
    std::atomic<bool> ended = false;
    std::thread thread;
  };

  // False: the system has no thread. Stopped, it starts none, and the branch stays CLONING.
  bool StartThread(std::unique_ptr<Copy> copy);
  void Run(Copy& copy);
  void CopyAll(Copy& copy);
  // False: the branch is gone, or the server stops.
  bool CopyRows(Copy& copy, const kv::Snapshot& snapshot);
  void Finish(Copy& copy, const kv::Snapshot& snapshot);
  void Fail(const Copy& copy, const std::string& reason);
  void JoinEnded() REQUIRES(mutex_);

  Clusters& clusters_;
  session::Engine& engine_;
  std::atomic<bool> stopping_ = false;
  runtime::Mutex mutex_;
  std::map<std::string, std::unique_ptr<Copy>> copies_ GUARDED_BY(mutex_);  // by the branch's id
};

}  // namespace sundog::control
