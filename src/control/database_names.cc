#include "control/database_names.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "base/random.h"
#include "control/clusters.h"

namespace sundog::control {

namespace {

constexpr size_t kMaxNameBytes = 63;
constexpr uint64_t kNumbers = 100;

constexpr std::string_view kAdjectives[] = {
    "able",   "amber",  "ample",  "azure",   "bold",   "brave",  "brief",  "bright",
    "brisk",  "calm",   "civil",  "clear",   "clever", "cool",   "coral",  "crisp",
    "daring", "deep",   "eager",  "early",   "easy",   "fair",   "fast",   "fine",
    "firm",   "fleet",  "fond",   "fresh",   "gentle", "glad",   "golden", "grand",
    "happy",  "honest", "humble", "ideal",   "jolly",  "keen",   "kind",   "lively",
    "loyal",  "lucky",  "mellow", "merry",   "mild",   "modest", "neat",   "noble",
    "polite", "proud",  "quick",  "quiet",   "rapid",  "ready",  "royal",  "sharp",
    "silver", "solid",  "steady", "sunny",   "swift",  "tidy",   "warm",   "wise"};

constexpr std::string_view kNouns[] = {
    "badger", "bear",   "beaver", "birch",  "bison",  "brook",  "canyon", "cedar",
    "comet",  "condor", "coyote", "crane",  "deer",   "dolphin", "dune",  "eagle",
    "elk",    "falcon", "fern",   "finch",  "fjord",  "forest", "fox",    "gecko",
    "glacier", "harbor", "hawk",  "heron",  "island", "jaguar", "koala",  "lake",
    "lark",   "lemur",  "lion",   "lynx",   "maple",  "marten", "meadow", "moose",
    "oak",    "ocean",  "orca",   "otter",  "owl",    "panda",  "pine",   "puffin",
    "rabbit", "raven",  "river",  "robin",  "seal",   "sparrow", "spruce", "stork",
    "summit", "swan",   "tiger",  "trout",  "turtle", "valley", "whale",  "willow"};

bool IsLowerOrDigit(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

}  // namespace

bool IsDatabaseName(std::string_view name) {
  if (name.empty() || name.size() > kMaxNameBytes || IsClusterId(name)) return false;
  if (name.front() == '-' || name.back() == '-') return false;
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return IsLowerOrDigit(c) || c == '-'; });
}

std::string MakeDatabaseName(base::Random& random) {
  return fmt::format("{}-{}-{}", kAdjectives[random.Below(std::size(kAdjectives))],
                     kNouns[random.Below(std::size(kNouns))], random.Below(kNumbers));
}

}  // namespace sundog::control
