#include "runtime/placement.h"

#include <gtest/gtest.h>

#include <deque>

#include "runtime/reactor.h"
#include "runtime/runtime.h"

namespace sundog::runtime {
namespace {

using Seat = Placement::Seat;

struct PlacementTest : testing::Test {
  Runtime runtime{2};
  Placement placement{runtime};
  Reactor& left = runtime.reactor(0);
  Reactor& right = runtime.reactor(1);

  // Left, right, left, ...
  void Fill(std::deque<Seat>& seats, int count) {
    for (int i = 0; i < count; ++i) seats.emplace_back(placement.Take());
  }

  // A wish counts once it was heard twice.
  Reactor* ReviewTwice(Seat& seat, Reactor& arrives_on) {
    Reactor* first = placement.Review(seat, arrives_on);
    return first != nullptr ? first : placement.Review(seat, arrives_on);
  }
};

TEST_F(PlacementTest, NewConnectionsGoWhereTheFewestAre) {
  EXPECT_EQ(&placement.Take(), &left);
  EXPECT_EQ(&placement.Take(), &right);
  EXPECT_EQ(&placement.Take(), &left);
  EXPECT_EQ(&placement.Take(), &right);
  Seat seat(right);
  placement.Leave(seat);
  EXPECT_EQ(&placement.Take(), &right);
}

TEST_F(PlacementTest, AConnectionMovesWhereFewerAreAndOnlyOnce) {
  std::deque<Seat> seats;
  Fill(seats, 3);
  EXPECT_EQ(placement.Review(seats[0], right), nullptr) << "heard once";
  EXPECT_EQ(placement.Review(seats[0], right), &right);
  EXPECT_EQ(ReviewTwice(seats[0], right), nullptr) << "it sits there already";
  EXPECT_EQ(ReviewTwice(seats[2], right), nullptr) << "there are more than here";
}

TEST_F(PlacementTest, AWishThatChangesIsForgotten) {
  std::deque<Seat> seats;
  Fill(seats, 3);
  EXPECT_EQ(placement.Review(seats[0], right), nullptr);
  EXPECT_EQ(placement.Review(seats[0], left), nullptr);
  EXPECT_EQ(placement.Review(seats[0], right), nullptr);
}

TEST_F(PlacementTest, TwoConnectionsChangePlaces) {
  std::deque<Seat> seats;
  Fill(seats, 2);
  EXPECT_EQ(ReviewTwice(seats[0], right), nullptr) << "nobody wants to come here";
  EXPECT_EQ(ReviewTwice(seats[1], left), &left);
  EXPECT_EQ(Placement::Granted(seats[0]), &right);
  EXPECT_EQ(Placement::Granted(seats[0]), nullptr);
  EXPECT_EQ(ReviewTwice(seats[0], right), nullptr);
}

TEST_F(PlacementTest, WhoLeavesIsNobodysPartner) {
  std::deque<Seat> seats;
  Fill(seats, 4);
  EXPECT_EQ(ReviewTwice(seats[0], right), nullptr);
  EXPECT_EQ(ReviewTwice(seats[1], left), &left);
  placement.Leave(seats[0]);  // granted, and gone before it moved
  EXPECT_EQ(ReviewTwice(seats[2], right), &right) << "its place counts as free";
  placement.Leave(seats[2]);
  EXPECT_EQ(ReviewTwice(seats[3], left), nullptr) << "left has one, right has one";
}

TEST_F(PlacementTest, AReactorThatRunsOnNoSuchCoreLeavesTheConnectionWhereItIs) {
  EXPECT_EQ(&placement.RunningOn(-1, left), &left);
  EXPECT_EQ(&placement.RunningOn(1 << 20, right), &right);
}

}  // namespace
}  // namespace sundog::runtime
