#include "tasks.h"

#include <algorithm>
#include <ctime>

#include "host.h"
#include "state.h"

namespace molt {
namespace {

double monotonic_seconds() {
  timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

}  // namespace

void ForegroundTasks::post(std::unique_ptr<v8::Task> task, double delay) {
  {
    std::lock_guard lock(mutex_);
    if (closed_) return;
    if (delay <= 0) {
      ready_.push_back(std::move(task));
    } else {
      delayed_.push_back({monotonic_seconds() + delay, std::move(task)});
      std::push_heap(delayed_.begin(), delayed_.end(), [](const auto& a, const auto& b) { return a.due > b.due; });
    }
  }
  if (const molt_host* table = host()) table->work_posted(cookie_, delay > 0 ? delay : 0);
}

std::unique_ptr<v8::Task> ForegroundTasks::take(double* next_delay) {
  std::lock_guard lock(mutex_);
  *next_delay = -1;
  if (!ready_.empty()) {
    auto task = std::move(ready_.front());
    ready_.pop_front();
    return task;
  }
  if (delayed_.empty()) return nullptr;
  const double wait = delayed_.front().due - monotonic_seconds();
  if (wait > 0) {
    *next_delay = wait;
    return nullptr;
  }
  std::pop_heap(delayed_.begin(), delayed_.end(), [](const auto& a, const auto& b) { return a.due > b.due; });
  auto task = std::move(delayed_.back().task);
  delayed_.pop_back();
  return task;
}

void ForegroundTasks::close() {
  std::deque<std::unique_ptr<v8::Task>> ready;
  std::vector<Delayed> delayed;
  std::lock_guard lock(mutex_);
  closed_ = true;
  // Destroyed after the lock is gone: a task's destructor may post.
  ready.swap(ready_);
  delayed.swap(delayed_);
}

}  // namespace molt

int32_t molt_isolate_pump(molt_isolate* isolate, double* next_delay) {
  double delay = -1;
  int32_t ran = 0;
  if (molt::check(isolate) == MOLT_OK && !isolate->pumping) {
    isolate->pumping = true;
    // What is posted while pumping waits for the next pump only if it is not due; V8 posts no endless chains.
    while (auto task = isolate->delegate.tasks->take(&delay)) {
      v8::HandleScope handles(isolate->v8);
      v8::TryCatch try_catch(isolate->v8);
      task->Run();
      ran++;
    }
    isolate->pumping = false;
  }
  if (next_delay != nullptr) *next_delay = delay;
  return ran;
}
