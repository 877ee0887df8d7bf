// 1. Walk from each object to what depends on it, depth first, dependants before what they depend
//    on. Something that is an internal part of another object stands for that object.
// 2. Report: what is reached by a normal dependency needs CASCADE; parts and automatic dependants
//    go silently.
// 3. Remove everything found, in that order.
#include "catalog/ddl/drop.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "base/sql_error.h"
#include "catalog/names.h"
#include "types/extension_oids.h"

namespace sundog::catalog::ddl {

namespace {

constexpr uint32_t kOriginal = 1;   // named by the user
constexpr uint32_t kNormalLink = 2;
constexpr uint32_t kAutoLink = 4;
constexpr uint32_t kInternalLink = 8;
constexpr uint32_t kExtensionLink = 16;
constexpr uint32_t kReverse = 32;    // reached from a part of it
constexpr uint32_t kSubObject = 64;  // of another target

constexpr int kMaxReported = 100;

struct Target {
  ObjectAddress object;
  uint32_t flags = 0;
  ObjectAddress dependee;
};

struct StackItem {
  const ObjectAddress* object;
  uint32_t flags;
  StackItem* below;
};

bool SameObject(const ObjectAddress& a, const ObjectAddress& b) {
  return a.class_oid == b.class_oid && a.object == b.object;
}

class DropWalk {
 public:
  DropWalk(const Catalog& catalog, const SearchPath& path,
           std::span<const ObjectAddress> originals)
      : catalog_(catalog), path_(path), originals_(originals) {
    for (const Dependency& link : catalog.Dependencies()) {
      by_dependent_.emplace(std::pair(link.dependent.class_oid, link.dependent.object), link);
      by_referenced_.emplace(std::pair(link.referenced.class_oid, link.referenced.object), link);
    }
  }

  void Visit(const ObjectAddress& object, uint32_t flags, StackItem* stack);
  const std::vector<Target>& targets() const { return targets_; }

 private:
  using Links = std::multimap<std::pair<Oid, Oid>, Dependency>;

  bool OnStack(const ObjectAddress& object, uint32_t flags, StackItem* stack);
  bool IsTarget(const ObjectAddress& object, uint32_t flags);
  bool IsOriginal(const ObjectAddress& object) const;
  bool StandsForOwner(const ObjectAddress& object, uint32_t flags, StackItem* stack);
  std::vector<std::pair<ObjectAddress, uint32_t>> Dependants(const ObjectAddress& object) const;

  const Catalog& catalog_;
  const SearchPath& path_;
  std::span<const ObjectAddress> originals_;
  Links by_dependent_;
  Links by_referenced_;
  std::vector<Target> targets_;
};

bool DropWalk::OnStack(const ObjectAddress& object, uint32_t flags, StackItem* stack) {
  bool found = false;
  for (StackItem* item = stack; item != nullptr; item = item->below) {
    if (!SameObject(*item->object, object)) continue;
    if (item->object->sub_object == object.sub_object) {
      item->flags |= flags;
      found = true;
    } else if (item->object->sub_object == 0) {
      found = true;
    } else if (object.sub_object == 0 && flags != 0) {
      item->flags |= flags | kSubObject;
    }
  }
  return found;
}

bool DropWalk::IsTarget(const ObjectAddress& object, uint32_t flags) {
  bool found = false;
  for (Target& target : targets_) {
    if (!SameObject(target.object, object)) continue;
    if (target.object.sub_object == object.sub_object) {
      target.flags |= flags;
      found = true;
    } else if (target.object.sub_object == 0) {
      found = true;
    } else if (object.sub_object == 0 && flags != 0) {
      target.flags |= flags | kSubObject;
    }
  }
  return found;
}

bool DropWalk::IsOriginal(const ObjectAddress& object) const {
  return std::any_of(originals_.begin(), originals_.end(), [&](const ObjectAddress& original) {
    return SameObject(original, object) &&
           (original.sub_object == object.sub_object || original.sub_object == 0);
  });
}

// True if the object is a part of another one that is dropped instead (or by its own request).
bool DropWalk::StandsForOwner(const ObjectAddress& object, uint32_t flags, StackItem* stack) {
  auto [begin, end] = by_dependent_.equal_range({object.class_oid, object.object});
  const ObjectAddress* owner = nullptr;
  for (auto at = begin; at != end; ++at) {
    const Dependency& link = at->second;
    if (object.sub_object != 0 && link.dependent.sub_object != object.sub_object) continue;
    if (object.sub_object == 0 && SameObject(link.referenced, object)) continue;
    if (link.kind != DependencyKind::kInternal && link.kind != DependencyKind::kExtension) continue;
    if (stack == nullptr) {
      if (IsOriginal(link.referenced)) return true;
      owner = &link.referenced;
      continue;
    }
    if (OnStack(link.referenced, 0, stack)) continue;
    Visit(link.referenced, kReverse, stack);
    IsTarget(object, flags);
    return true;
  }
  if (owner == nullptr) return false;
  std::string described = DescribeObject(catalog_, path_, *owner);
  throw SqlError(sqlstate::kDependentObjectsStillExist,
                 fmt::format("cannot drop {} because {} requires it",
                             DescribeObject(catalog_, path_, object), described))
      .Hint(fmt::format("You can drop {} instead.", described));
}

std::vector<std::pair<ObjectAddress, uint32_t>> DropWalk::Dependants(
    const ObjectAddress& object) const {
  std::vector<std::pair<ObjectAddress, uint32_t>> found;
  auto [begin, end] = by_referenced_.equal_range({object.class_oid, object.object});
  for (auto at = begin; at != end; ++at) {
    const Dependency& link = at->second;
    if (object.sub_object != 0 && link.referenced.sub_object != object.sub_object) continue;
    if (SameObject(link.dependent, object)) continue;
    uint32_t flags = kNormalLink;
    if (link.kind == DependencyKind::kAuto) flags = kAutoLink;
    if (link.kind == DependencyKind::kInternal) flags = kInternalLink;
    if (link.kind == DependencyKind::kExtension) flags = kExtensionLink;
    found.emplace_back(link.dependent, flags);
  }
  // Newer objects first: they are likelier to depend on older ones than the other way round.
  std::stable_sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
    if (a.first.object != b.first.object) return a.first.object > b.first.object;
    if (a.first.class_oid != b.first.class_oid) return a.first.class_oid < b.first.class_oid;
    return a.first.sub_object < b.first.sub_object;
  });
  return found;
}

void DropWalk::Visit(const ObjectAddress& object, uint32_t flags, StackItem* stack) {
  if (OnStack(object, flags, stack) || IsTarget(object, flags)) return;
  if (StandsForOwner(object, flags, stack)) return;
  StackItem here{&object, flags, stack};
  for (const auto& [dependant, link] : Dependants(object)) Visit(dependant, link, &here);
  targets_.push_back(
      {object, here.flags, stack != nullptr ? *stack->object : ObjectAddress()});
}

class DropReport {
 public:
  void Add(const std::string& line) {
    if (reported_ >= kMaxReported) {
      ++unreported_;
      return;
    }
    if (reported_++ > 0) lines_ += '\n';
    lines_ += line;
  }
  int total() const { return reported_ + unreported_; }
  std::string Detail() const {
    if (unreported_ == 0) return lines_;
    return lines_ + fmt::format("\nand {} other object{} (see server log for list)", unreported_,
                                unreported_ == 1 ? "" : "s");
  }

 private:
  std::string lines_;
  int reported_ = 0;
  int unreported_ = 0;
};

void Report(const CatalogWriter& writer, const std::vector<Target>& targets,
            std::span<const ObjectAddress> originals, DropBehavior behavior) {
  const Catalog& catalog = writer.catalog();
  DropReport report;
  for (size_t i = targets.size(); i-- > 0;) {
    const Target& target = targets[i];
    if ((target.flags & (kOriginal | kSubObject)) != 0) continue;
    if ((target.flags & (kAutoLink | kInternalLink | kExtensionLink)) != 0) continue;
    std::string described = DescribeObject(catalog, writer.search_path(), target.object);
    if (behavior == DropBehavior::kCascade) {
      report.Add("drop cascades to " + described);
    } else {
      report.Add(described + " depends on " +
                 DescribeObject(catalog, writer.search_path(), target.dependee));
    }
  }
  if (report.total() == 0) return;
  if (behavior == DropBehavior::kRestrict) {
    std::string message =
        originals.size() == 1
            ? fmt::format("cannot drop {} because other objects depend on it",
                          DescribeObject(catalog, writer.search_path(), originals[0]))
            : "cannot drop desired object(s) because other objects depend on them";
    throw SqlError(sqlstate::kDependentObjectsStillExist, std::move(message))
        .Detail(report.Detail())
        .Hint("Use DROP ... CASCADE to drop the dependent objects too.");
  }
  if (report.total() == 1) return writer.Notice(report.Detail());
  base::ErrorFields fields;
  fields.severity = base::Severity::kNotice;
  fields.state = sqlstate::kSuccessfulCompletion;
  fields.message = fmt::format("drop cascades to {} other objects", report.total());
  fields.detail = report.Detail();
  writer.Notice(fields);
}

void CheckNotPinned(const CatalogWriter& writer, const ObjectAddress& object) {
  bool pinned = object.object < types::kFirstExtensionOid &&
                !(object.class_oid == classes::kNamespace && object.object == kPublicSchema) &&
                object.class_oid != classes::kExtension;
  if (!pinned) return;
  throw SqlError(sqlstate::kDependentObjectsStillExist,
                 fmt::format("cannot drop {} because it is required by the database system",
                             DescribeObject(writer.catalog(), writer.search_path(), object)));
}

}  // namespace

void DropObjects(CatalogWriter& writer, std::span<const ObjectAddress> objects,
                 DropBehavior behavior) {
  for (const ObjectAddress& object : objects) CheckNotPinned(writer, object);
  DropWalk walk(writer.catalog(), writer.search_path(), objects);
  for (const ObjectAddress& object : objects) walk.Visit(object, kOriginal, nullptr);
  Report(writer, walk.targets(), objects, behavior);
  for (const Target& target : walk.targets()) RemoveObject(writer, target.object);
}

}  // namespace sundog::catalog::ddl
