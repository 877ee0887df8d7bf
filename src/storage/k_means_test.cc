// Clusters of vectors.
#include "storage/k_means.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

namespace sundog::storage {
namespace {

const std::function<void()> kNoPause = [] {};

// `count` points around each of (0, 0), (100, 0), (0, 100).
std::vector<float> ThreeHeaps(size_t count, base::Random& random) {
  std::vector<float> points;
  for (size_t i = 0; i < 3 * count; ++i) {
    float x = i % 3 == 1 ? 100.0f : 0.0f;
    float y = i % 3 == 2 ? 100.0f : 0.0f;
    points.push_back(x + static_cast<float>(random.NextDouble()));
    points.push_back(y + static_cast<float>(random.NextDouble()));
  }
  return points;
}

TEST(KMeansTest, CentroidsAreInTheMiddleOfEachHeap) {
  base::Random random(1);
  std::vector<float> points = ThreeHeaps(100, random);
  std::vector<float> found = FindClusters({points, 2, 3, false}, random, kNoPause);
  ASSERT_EQ(found.size(), 6u);
  std::vector<std::pair<int, int>> rounded;
  for (size_t i = 0; i < 6; i += 2) {
    rounded.emplace_back(static_cast<int>(found[i] / 50), static_cast<int>(found[i + 1] / 50));
  }
  std::sort(rounded.begin(), rounded.end());
  EXPECT_EQ(rounded, (std::vector<std::pair<int, int>>{{0, 0}, {0, 2}, {2, 0}}));
}

TEST(KMeansTest, TheSeedDecides) {
  base::Random random(2);
  std::vector<float> points = ThreeHeaps(50, random);
  base::Random one(7);
  base::Random same(7);
  EXPECT_EQ(FindClusters({points, 2, 5, false}, one, kNoPause),
            FindClusters({points, 2, 5, false}, same, kNoPause));
}

TEST(KMeansTest, ThereAreNoMoreCentroidsThanDistinctVectors) {
  base::Random random(3);
  std::vector<float> points = {1, 1, 2, 2, 1, 1, 2, 2, 1, 1};
  EXPECT_EQ(FindClusters({points, 2, 4, false}, random, kNoPause).size(), 4u);
  EXPECT_TRUE(FindClusters({{}, 2, 4, false}, random, kNoPause).empty());
}

TEST(KMeansTest, SphericalCentroidsHaveLengthOne) {
  base::Random random(4);
  std::vector<float> points;
  for (int i = 0; i < 90; ++i) {
    double angle = i * 0.02 + (i % 3) * 2.0;
    points.push_back(static_cast<float>(std::cos(angle)));
    points.push_back(static_cast<float>(std::sin(angle)));
  }
  std::vector<float> found = FindClusters({points, 2, 3, true}, random, kNoPause);
  ASSERT_EQ(found.size(), 6u);
  for (size_t i = 0; i < 6; i += 2) EXPECT_NEAR(std::hypot(found[i], found[i + 1]), 1, 1e-6);
}

TEST(KMeansTest, WhatAPauseThrowsEndsIt) {
  base::Random random(5);
  std::vector<float> points = ThreeHeaps(10, random);
  EXPECT_THROW(FindClusters({points, 2, 3, false}, random, [] { throw 1; }), int);
}

TEST(KMeansTest, OnlyZerosHaveNoDirection) {
  std::vector<float> vector = {3, 4};
  EXPECT_TRUE(ScaleToUnit(vector));
  EXPECT_FLOAT_EQ(vector[0], 0.6f);
  std::vector<float> zeros = {0, 0};
  EXPECT_FALSE(ScaleToUnit(zeros));
}

}  // namespace
}  // namespace sundog::storage
