// A source of candidates for the nearest neighbours of a probe, nearest first: what an index's own
// structure gives to the operator that reads it. A candidate is an entry that the index had at the
// version searched at. To a reader who has written to the index since it is a hint: it counts if
// the reader's own view has an entry of that row key whose vector has that very distance.
#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace sundog::vectors {

struct Candidate {
  std::string row_key;  // what follows the index's prefix in the entry's key
  double distance = 0;  // as types::VectorDistance gives it, bit for bit; never NaN
};

// One search. Of one fiber; must not outlive the graphs it came from.
class NearestSearch {
 public:
  virtual ~NearestSearch() = default;
  // The next candidates, up to `wanted`, nearest first among themselves, no row key twice in all of
  // the search; a later batch may have nearer ones than an earlier had. Valid until the next call.
  // Does not suspend: where it looked at much and found nothing yet, it gives nothing, so that the
  // caller may.
  virtual std::span<const Candidate> Next(size_t wanted) = 0;
  // After a call that gave nothing: whether there are no more.
  virtual bool finished() const = 0;
};

}  // namespace sundog::vectors
