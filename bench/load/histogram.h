#ifndef HISTOGRAM_H
#define HISTOGRAM_H

#include <stdint.h>
#include <string.h>

// Nanoseconds in buckets of at most 1/64 of their value, so that millions of latencies take 20 kB.
struct histogram {
  uint64_t count, sum, max;
  uint64_t buckets[64 * 42];
};

static inline void record(struct histogram *histogram, uint64_t value, uint64_t times) {
  if (value > UINT64_C(1) << 45) value = UINT64_C(1) << 45;
  int shift = value < 64 ? 0 : 57 - __builtin_clzll(value);
  uint64_t bucket = ((uint64_t)shift << 6) + (value >> shift);
  histogram->buckets[bucket] += times;
  histogram->count += times;
  histogram->sum += value * times;
  if (value > histogram->max) histogram->max = value;
}

static inline double mean_us(const struct histogram *histogram) {
  return histogram->count ? (double)histogram->sum / (double)histogram->count / 1e3 : 0;
}

static inline double percentile_us(const struct histogram *histogram, double share) {
  uint64_t rank = (uint64_t)(share * (double)histogram->count), seen = 0;
  for (uint64_t bucket = 0; bucket < sizeof histogram->buckets / sizeof *histogram->buckets; bucket++) {
    seen += histogram->buckets[bucket];
    if (seen > rank) {
      int shift = bucket < 128 ? 0 : (int)(bucket >> 6) - 1;
      uint64_t low = (bucket - ((uint64_t)shift << 6)) << shift;
      uint64_t middle = low + (UINT64_C(1) << shift) / 2;
      return (double)(middle < histogram->max ? middle : histogram->max) / 1e3;
    }
  }
  return (double)histogram->max / 1e3;
}

#endif
