/* What an ordinary program does with files, checked line by line by WasiProgramTests. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void list(const char *path) {
  DIR *directory = opendir(path);
  struct dirent *entry;
  if (!directory) {
    printf("opendir %s: %s\n", path, strerror(errno));
    return;
  }
  while ((entry = readdir(directory))) {
    printf("%s%s ", entry->d_name, entry->d_type == DT_DIR ? "/" : "");
  }
  printf("\n");
  closedir(directory);
}

int main(int argc, char **argv) {
  char line[100];
  struct stat info;
  struct timespec now;
  printf("%d %s %s\n", argc, argv[1], getenv("GREETING"));

  if (fgets(line, sizeof line, stdin)) {
    printf("stdin: %s", line);
  }
  FILE *file = fopen("/bundle/data.txt", "r");
  size_t length = fread(line, 1, sizeof line - 1, file);
  line[length] = 0;
  printf("read %zu: %s\n", length, line);
  fclose(file);
  list("/bundle");

  printf("mkdir %d\n", mkdir("/tmp/d", 0777));
  file = fopen("/tmp/d/out.txt", "w+");
  for (int i = 0; i < 1000; i++) {
    fprintf(file, "line %d\n", i);
  }
  printf("ftell %ld\n", ftell(file));
  fseek(file, -9, SEEK_END);
  fgets(line, sizeof line, file);
  printf("last %s", line);
  fclose(file);
  printf("rename %d\n", rename("/tmp/d/out.txt", "/tmp/moved.txt"));
  printf("stat %d", stat("/tmp/moved.txt", &info));
  printf(" %lld %d\n", (long long)info.st_size, S_ISREG(info.st_mode));
  printf("rmdir %d unlink %d\n", rmdir("/tmp/d"), unlink("/tmp/moved.txt"));
  list("/tmp");

  file = fopen("/bundle/data.txt", "r+");
  printf("write bundle: %s\n", file ? "opened" : strerror(errno));
  file = fopen("/etc/passwd", "r");
  printf("outside: %s\n", file ? "opened" : strerror(errno));
  file = fopen("/bundle/../../etc/passwd", "r");
  printf("around: %s\n", file ? "opened" : strerror(errno));
  printf("open %d\n", open("/bundle/none", O_RDONLY) == -1 && errno == ENOENT);
  clock_gettime(CLOCK_REALTIME, &now);
  printf("time %lld\n", (long long)now.tv_sec);
  printf("tty %d\n", isatty(1));
  fprintf(stderr, "to stderr\n");
  exit(7);
}
