// V8's foreground tasks of one isolate. V8 posts them from any thread; the host is told, and runs the
// due ones with molt_isolate_pump while it is inside the isolate.
#ifndef MOLT_TASKS_H
#define MOLT_TASKS_H

#include <deque>
#include <memory>
#include <mutex>
#include <queue>
#include <vector>

#include <node.h>
#include <v8.h>

namespace molt {

class ForegroundTasks final : public v8::TaskRunner {
 public:
  explicit ForegroundTasks(int64_t cookie) : cookie_(cookie) {}

  bool IdleTasksEnabled() override { return false; }
  bool NonNestableTasksEnabled() const override { return true; }
  bool NonNestableDelayedTasksEnabled() const override { return true; }

  // The next task that is due, or null; next_delay is then the seconds to the next one, negative if none.
  std::unique_ptr<v8::Task> take(double* next_delay);

  // Drops what is queued and whatever is posted later.
  void close();

 protected:
  void PostTaskImpl(std::unique_ptr<v8::Task> task, const v8::SourceLocation&) override { post(std::move(task), 0); }
  void PostNonNestableTaskImpl(std::unique_ptr<v8::Task> task, const v8::SourceLocation&) override {
    post(std::move(task), 0);
  }
  void PostDelayedTaskImpl(std::unique_ptr<v8::Task> task, double delay, const v8::SourceLocation&) override {
    post(std::move(task), delay);
  }
  void PostNonNestableDelayedTaskImpl(std::unique_ptr<v8::Task> task, double delay,
                                      const v8::SourceLocation&) override {
    post(std::move(task), delay);
  }

 private:
  struct Delayed {
    double due;
    std::unique_ptr<v8::Task> task;
  };

  void post(std::unique_ptr<v8::Task> task, double delay);

  const int64_t cookie_;
  std::mutex mutex_;
  bool closed_ = false;
  std::deque<std::unique_ptr<v8::Task>> ready_;
  std::vector<Delayed> delayed_;  // a heap, the earliest first
};

class PlatformDelegate final : public node::IsolatePlatformDelegate {
 public:
  explicit PlatformDelegate(int64_t cookie) : tasks(std::make_shared<ForegroundTasks>(cookie)) {}

  std::shared_ptr<v8::TaskRunner> GetForegroundTaskRunner() override { return tasks; }
  bool IdleTasksEnabled() override { return false; }

  const std::shared_ptr<ForegroundTasks> tasks;
};

}  // namespace molt

#endif
