#pragma once
// THREADED stays undefined: Swift then sees the asynchronous API and none of
// the blocking calls.
#include <zookeeper/zookeeper.h>
