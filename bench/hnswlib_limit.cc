// What hnswlib does alone, in one thread: the limit for a database that searches with it.
//
//   hnswlib_limit FOLDER ROWS DIMENSIONS PROBES M EF_CONSTRUCTION EF…
//
// Makes clustered vectors of a fixed seed, writes to FOLDER what servers are to load and to find
// (items.tsv, probes.tsv: number and vector as text; truth.tsv: probe, and the numbers of its ten
// nearest by exact search), builds the graph, and prints lines `build SECONDS` and
// `ef EF recall@10 QUERIES_A_SECOND`.
#include <hnswlib/hnswlib.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <random>
#include <string>
#include <vector>

namespace {

constexpr size_t kNearest = 10;
constexpr size_t kClusters = 100;

using Clock = std::chrono::steady_clock;

double SecondsSince(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

class Data {
 public:
  Data(size_t rows, size_t probes, size_t dimensions) : dimensions_(dimensions), random_(20240601) {
    std::normal_distribution<float> normal;
    centers_.resize(kClusters * dimensions);
    for (float& x : centers_) x = normal(random_);
    Fill(items_, rows);
    Fill(probes_, probes);
  }

  const float* item(size_t i) const { return &items_[i * dimensions_]; }
  const float* probe(size_t i) const { return &probes_[i * dimensions_]; }

 private:
  void Fill(std::vector<float>& to, size_t count) {
    std::normal_distribution<float> near(0, 0.5f);
    to.reserve(count * dimensions_);
    for (size_t i = 0; i < count; ++i) {
      const float* center = &centers_[random_() % kClusters * dimensions_];
      for (size_t d = 0; d < dimensions_; ++d) to.push_back(center[d] + near(random_));
    }
  }

  size_t dimensions_;
  std::mt19937 random_;
  std::vector<float> centers_, items_, probes_;
};

template <typename At>
void Write(const std::string& path, size_t count, size_t dimensions, At at) {
  std::ofstream file(path);
  char text[32];
  for (size_t i = 0; i < count; ++i) {
    file << i << "\t[";
    for (size_t d = 0; d < dimensions; ++d) {
      // Nine digits: what is read is the very number.
      std::snprintf(text, sizeof(text), "%s%.9g", d == 0 ? "" : ",", at(i)[d]);
      file << text;
    }
    file << "]\n";
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 8) return 2;
  std::string folder = argv[1];
  size_t rows = std::strtoul(argv[2], nullptr, 10);
  size_t dimensions = std::strtoul(argv[3], nullptr, 10);
  size_t probes = std::strtoul(argv[4], nullptr, 10);
  Data data(rows, probes, dimensions);
  Write(folder + "/items.tsv", rows, dimensions, [&](size_t i) { return data.item(i); });
  Write(folder + "/probes.tsv", probes, dimensions, [&](size_t i) { return data.probe(i); });

  hnswlib::L2Space space(dimensions);
  auto distance = space.get_dist_func();
  std::vector<std::vector<size_t>> truth(probes);
  std::ofstream truths(folder + "/truth.tsv");
  for (size_t p = 0; p < probes; ++p) {
    std::vector<std::pair<float, size_t>> all(rows);
    for (size_t i = 0; i < rows; ++i) {
      all[i] = {distance(data.probe(p), data.item(i), space.get_dist_func_param()), i};
    }
    std::partial_sort(all.begin(), all.begin() + kNearest, all.end());
    truths << p;
    for (size_t i = 0; i < kNearest; ++i) {
      truth[p].push_back(all[i].second);
      truths << '\t' << all[i].second;
    }
    truths << '\n';
  }

  auto start = Clock::now();
  hnswlib::HierarchicalNSW<float> graph(&space, rows, std::strtoul(argv[5], nullptr, 10),
                                        std::strtoul(argv[6], nullptr, 10));
  for (size_t i = 0; i < rows; ++i) graph.addPoint(data.item(i), i);
  std::printf("build %.3f\n", SecondsSince(start));
  for (int a = 7; a < argc; ++a) {
    size_t ef = std::strtoul(argv[a], nullptr, 10);
    graph.setEf(ef);
    size_t found = 0;
    size_t queries = 0;
    start = Clock::now();
    // As long as it takes to see a speed.
    do {
      for (size_t p = 0; p < probes; ++p, ++queries) {
        auto nearest = graph.searchKnn(data.probe(p), kNearest);
        for (; !nearest.empty(); nearest.pop()) {
          found += std::count(truth[p].begin(), truth[p].end(), nearest.top().second);
        }
      }
    } while (SecondsSince(start) < 2);
    std::printf("ef %zu %.4f %.1f\n", ef, double(found) / (queries * kNearest),
                queries / SecondsSince(start));
    std::fflush(stdout);
  }
}
