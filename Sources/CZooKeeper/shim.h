#pragma once
// THREADED stays undefined: Swift then sees the asynchronous API and none of
// the blocking calls.
#include <zookeeper/zookeeper.h>

// Mutable C globals are out of bounds for Swift 6; these two are never changed.
static inline const struct ACL_vector *freshet_open_acl(void) { return &ZOO_OPEN_ACL_UNSAFE; }
static inline const struct ACL_vector *freshet_creator_acl(void) { return &ZOO_CREATOR_ALL_ACL; }
