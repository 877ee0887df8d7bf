#include "cli/dump_order.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

namespace sundog::cli {

namespace {

class DefinitionSorter {
 public:
  DefinitionSorter(const std::vector<Definition>& definitions,
                   const std::vector<DefinitionNeed>& needs)
      : definitions_(definitions), needs_(definitions.size()) {
    for (size_t i = 0; i < definitions.size(); ++i) nodes_.emplace(definitions[i].object, i);
    for (const DefinitionNeed& need : needs) {
      if (need.is_part) wholes_.emplace(need.dependent, need.referenced);
    }
    for (const DefinitionNeed& need : needs) {
      std::optional<size_t> from = NodeOf(need.dependent);
      std::optional<size_t> to = NodeOf(need.referenced);
      if (from && to && *from != *to) needs_[*from].insert(*to);
    }
  }

  DefinitionOrder Sort() {
    std::vector<bool> is_early = EarlyOnes();
    DefinitionOrder order;
    std::vector<bool> all(definitions_.size(), true);
    std::vector<bool> done(definitions_.size(), false);
    Take(is_early, done, order.before_data, order.too_early);
    Take(all, done, order.after_data, order.too_early);
    return order;
  }

 private:
  std::optional<size_t> NodeOf(DefinedObject object) const {
    // A part of a part; no deeper than there are parts.
    for (size_t depth = 0; depth <= wholes_.size(); ++depth) {
      if (auto node = nodes_.find(object); node != nodes_.end()) return node->second;
      auto whole = wholes_.find(object);
      if (whole == wholes_.end()) return std::nullopt;
      object = whole->second;
    }
    return std::nullopt;
  }

  std::vector<bool> EarlyOnes() const {
    std::vector<bool> is_early;
    for (const Definition& one : definitions_) {
      is_early.push_back(one.kind != DefinitionKind::kKey && one.kind != DefinitionKind::kView);
    }
    for (bool changed = true; std::exchange(changed, false);) {
      for (size_t i = 0; i < needs_.size(); ++i) {
        bool waits = std::any_of(needs_[i].begin(), needs_[i].end(),
                                 [&](size_t needed) { return !is_early[needed]; });
        if (is_early[i] && waits) {
          is_early[i] = false;
          changed = true;
        }
      }
    }
    // What has rows, and what rows have to satisfy, is there before them, with all that it needs.
    std::vector<size_t> open;
    for (size_t i = 0; i < definitions_.size(); ++i) {
      DefinitionKind kind = definitions_[i].kind;
      if (kind <= DefinitionKind::kRule && kind != DefinitionKind::kFunction) open.push_back(i);
    }
    std::set<size_t> seen(open.begin(), open.end());
    while (!open.empty()) {
      size_t i = open.back();
      open.pop_back();
      is_early[i] = true;
      for (size_t needed : needs_[i]) {
        if (seen.insert(needed).second) open.push_back(needed);
      }
    }
    return is_early;
  }

  // Those that are wanted and not done yet.
  void Take(const std::vector<bool>& wanted, std::vector<bool>& done, std::vector<size_t>& taken,
            std::vector<size_t>& too_early) const {
    std::vector<size_t> missing(definitions_.size());
    std::vector<std::vector<size_t>> dependents(definitions_.size());
    auto before = [this](size_t a, size_t b) {
      return std::pair(definitions_[a].kind, definitions_[a].object) <
             std::pair(definitions_[b].kind, definitions_[b].object);
    };
    std::set<size_t, decltype(before)> ready(before);
    std::set<size_t, decltype(before)> waiting(before);
    for (size_t i = 0; i < definitions_.size(); ++i) {
      if (!wanted[i] || done[i]) continue;
      for (size_t needed : needs_[i]) {
        if (done[needed]) continue;
        dependents[needed].push_back(i);
        ++missing[i];
      }
      (missing[i] == 0 ? ready : waiting).insert(i);
    }
    while (!ready.empty() || !waiting.empty()) {
      bool is_circle = ready.empty();
      auto& from = is_circle ? waiting : ready;
      size_t next = *from.begin();
      from.erase(from.begin());
      if (is_circle) too_early.push_back(next);
      done[next] = true;
      taken.push_back(next);
      for (size_t dependent : dependents[next]) {
        if (--missing[dependent] == 0 && waiting.erase(dependent) > 0) ready.insert(dependent);
      }
    }
  }

  const std::vector<Definition>& definitions_;
  std::map<DefinedObject, size_t> nodes_;
  std::map<DefinedObject, DefinedObject> wholes_;
  std::vector<std::set<size_t>> needs_;
};

}  // namespace

DefinitionOrder OrderDefinitions(const std::vector<Definition>& definitions,
                                 const std::vector<DefinitionNeed>& needs) {
  return DefinitionSorter(definitions, needs).Sort();
}

}  // namespace sundog::cli
