// A bowl of four parameters over the protocol of docs/bridges.md, with one mistake:
//
//     faulty MISTAKE
//
// Mistakes of a run are made in those of seed 1, from step 3 on.
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *mistake = "";
static int is(const char *name) { return strcmp(mistake, name) == 0; }

static long number(const char *line, const char *key) {
  const char *found = strstr(line, key);
  return found ? atol(found + strlen(key)) : -1;
}

static void hello(long id) {
  const char *tensors = "[{\"name\":\"w\",\"shape\":[3]},{\"name\":\"b\",\"shape\":[]}]";
  if (is("zero")) tensors = "[]";
  if (is("no-numbers")) tensors = "[{\"name\":\"w\",\"shape\":[0]}]";
  if (is("huge")) tensors = "[{\"name\":\"w\",\"shape\":[65536,32768]}]";
  if (is("dtype")) tensors = "[{\"name\":\"w\",\"shape\":[3],\"dtype\":\"float64\"}]";
  if (is("names")) tensors = "[{\"name\":\"w\",\"shape\":[3]},{\"name\":\"w\",\"shape\":[1]}]";
  if (is("nonsense")) tensors = "[{\"name\":\"w\",\"shape\":\"three\"}]";
  if (is("greets-twice")) printf("{\"id\":%ld,\"protocol\":1,\"tensors\":%s}\n", id, tensors);
  printf("{\"id\":%ld,\"protocol\":%d,\"tensors\":%s,\"splits\":[\"train\",\"validation\"],"
         "\"metrics\":[\"loss\",\"accuracy\"],%s\"buffers\":%s%s}\n",
         id, is("version") ? 2 : 1, tensors, strstr(mistake, "reference") ? "" : "\"reference_loss\":2,",
         is("buffers") ? "true" : "false",
         is("no-epochs") ? "" : ",\"steps_per_epoch\":5");
}

int main(int count, char **arguments) {
  char line[512];
  char *memory = NULL;
  float *x = NULL, *gradient = NULL;
  long seed = 0, updates = 0, asked = 0;
  if (count > 1) mistake = arguments[1];
  if (is("ends-at-once")) {
    fprintf(stderr, "no data here\n");
    return 7;
  }
  if (is("prints-first")) printf("loading\n");
  setvbuf(stdout, NULL, _IONBF, 0);
  while (fgets(line, sizeof line, stdin)) {
    long id = number(line, "\"id\":");
    long step = number(line, "\"step\":");
    if (strstr(line, "\"hello\"")) {
      hello(id);
      continue;
    } else if (strstr(line, "\"map\"")) {
      char *name = strstr(line, "\"file\":\"") + 8;
      *strchr(name, '"') = 0;
      int file = open(name, O_RDWR);
      struct stat status;
      fstat(file, &status);
      memory = mmap(NULL, status.st_size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
      x = (float *)(memory + 64);
      gradient = (float *)(memory + 128);
    } else if (strstr(line, "\"initialise\"")) {
      seed = number(line, "\"seed\":");
      updates = 0;
      for (int i = 0; i < 4; i++) x[i] = 1 + 0.1f * i + 0.01f * seed;
      if (is("parameters")) x[2] += 0.001f * ++asked;
    } else if (strstr(line, "\"end\"")) {
      return 0;
    } else {
      double sum = 0;
      for (int i = 0; i < 4; i++) sum += 0.5 * x[i] * x[i];
      int now = seed == 1 && step >= 3;
      if (is("no-reference") && step < 0) sum = NAN;
      if (step >= 0) {
        if (strstr(line, "\"update\":true")) updates++;
        if (is("batches")) sum += 0.01 * ++asked;
        for (int i = 0; i < 4; i++) gradient[i] = x[i];
        if (is("noise")) gradient[0] *= 1 + 1e-6f * (++asked % 7);
        if (is("nan") && now) sum = NAN;
        // Counts the steps, which an evaluation or a second gradient must not be.
        if (is("buffers")) gradient[3] = updates;
      } else {
        ((double *)memory)[1] = is("accuracy") ? 1.5 : 0.5;
      }
      if (is("no-gradient") && now) memcpy(gradient + 3, (unsigned[]){0x7FC66F70}, 4);
      if (!(is("no-loss") && now)) *(double *)memory = sum;
      if (is("exits") && now) {
        fprintf(stderr, "out of\nmemory\n");
        exit(3);
      }
      if (is("crashes") && now) abort();
      if (is("hangs") && now) sleep(60);
      if (is("prints") && now) printf("epoch 1\n");
      if (is("twice") && now) printf("{\"id\":%ld}\n", id);
      if (is("other") && now) id += 5;
      if (is("error") && now) {
        printf("{\"id\":%ld,\"error\":\"gradient has shape (3,)\"}\n", id);
        continue;
      }
    }
    printf("{\"id\": %ld}\n", id);
  }
  return 0;
}
