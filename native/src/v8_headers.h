// The engine's headers, in one place so that they are compiled once.
#ifndef MOLT_V8_HEADERS_H
#define MOLT_V8_HEADERS_H

#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <node.h>
#include <v8.h>

#endif
