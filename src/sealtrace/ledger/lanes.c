/* SHA-256 or SM3 of many messages at once, one in each 32-bit lane of a vector register. Sources: FIPS 180-4, 6.2;
   GB/T 32905-2016, 5. Both pad alike, and keep eight words between blocks of sixteen.

   Each message stands behind one prefix byte, as RFC 9162, 2.1.1 has leaves and nodes. A lane whose message
   ends takes the next one, so messages of different lengths keep all lanes busy. Nothing is allocated, and
   nothing outside the given arrays is touched. */

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if defined(__x86_64__) && defined(__GNUC__)

#define BLOCK 64
#define DIGEST 32

static const uint32_t SHA256_K[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

static const uint32_t SM3_START[8] = {0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600,
                                      0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e};

static const uint32_t SHA256_START[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                  0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

/* Messages that stand one after the other, each behind `gap` bytes that are left out: `width` bytes each, or as
   many as `lengths` says where that is given. */
typedef struct {
    const uint8_t *data; /* where the next one's gap begins */
    const uint64_t *lengths;
    size_t width, gap, count, next;
    uint8_t prefix;
} Messages;

/* One lane's message: whole blocks lie in the message itself, the first and the last ones are made here. */
typedef struct {
    const uint8_t *data;
    size_t block, blocks, whole; /* next block, how many there are, how many hold message bytes only */
    uint8_t *digest;
    uint8_t first[BLOCK], tail[2 * BLOCK];
} Lane;

static const uint8_t IDLE[BLOCK];

/* Put the next message into a lane; 0 when there is none. */
static int take(Messages *from, Lane *lane, uint8_t *digests) {
    if (from->next == from->count) return 0;
    size_t at = from->next++;
    size_t length = from->lengths ? (size_t)from->lengths[at] : from->width;
    const uint8_t *data = from->data + from->gap;
    from->data = data + length;
    size_t total = length + 1; /* with the prefix */
    lane->data = data;
    lane->digest = digests + DIGEST * at;
    lane->block = 0;
    lane->whole = total / BLOCK;
    lane->blocks = (total + 9 + BLOCK - 1) / BLOCK;
    size_t rest = total % BLOCK, padded = (lane->blocks - lane->whole) * BLOCK;
    memset(lane->tail, 0, padded);
    if (lane->whole) {
        lane->first[0] = from->prefix;
        memcpy(lane->first + 1, data, BLOCK - 1);
        memcpy(lane->tail, data + length - rest, rest);
    } else {
        lane->tail[0] = from->prefix;
        memcpy(lane->tail + 1, data, length);
    }
    lane->tail[rest] = 0x80;
    uint64_t bits = (uint64_t)total * 8;
    for (int i = 0; i < 8; i++) lane->tail[padded - 1 - i] = (uint8_t)(bits >> 8 * i);
    return 1;
}

static const uint8_t *block_of(const Lane *lane) {
    if (lane->block >= lane->whole) return lane->tail + (lane->block - lane->whole) * BLOCK;
    return lane->block ? lane->data + lane->block * BLOCK - 1 : lane->first;
}

#define RIGHT(x, n) ((x) >> (n) | (x) << (32 - (n)))
#define LEFT(x, n) ((x) << (n) | (x) >> (32 - (n)))

#define SUM0(x) (RIGHT(x, 2) ^ RIGHT(x, 13) ^ RIGHT(x, 22))
#define SUM1(x) (RIGHT(x, 6) ^ RIGHT(x, 11) ^ RIGHT(x, 25))
#define MIX0(x) (RIGHT(x, 7) ^ RIGHT(x, 18) ^ (x) >> 3)
#define MIX1(x) (RIGHT(x, 17) ^ RIGHT(x, 19) ^ (x) >> 10)

/* Round r + t of SHA-256; the words of the schedule are made in their places. */
#define SHA256_ROUND(r, t)                                                                            \
    if (r) w.v[t] += MIX1(w.v[(t + 14) & 15]) + w.v[(t + 9) & 15] + MIX0(w.v[(t + 1) & 15]);          \
    V one = h + SUM1(e) + (g ^ (e & (f ^ g))) + w.v[t] + SHA256_K[r + t];                             \
    V two = SUM0(a) + ((a & b) | (c & (a | b)));                                                      \
    h = g, g = f, f = e, e = d + one, d = c, c = b, b = a, a = one + two;
#define SHA256_JOIN(old, new) ((old) + (new))

#define P0(x) ((x) ^ LEFT(x, 9) ^ LEFT(x, 17))
#define P1(x) ((x) ^ LEFT(x, 15) ^ LEFT(x, 23))

static inline uint32_t sm3_constant(int j) {
    uint32_t t = j < 16 ? 0x79cc4519 : 0x7a879d8a;
    return t << (j & 31) | t >> (-j & 31);
}

/* Round r + t of SM3, which needs the word four ahead. */
#define SM3_ROUND(r, t)                                                                               \
    if (r || t >= 12) {                                                                               \
        V mixed = w.v[(t + 4) & 15] ^ w.v[(t + 11) & 15] ^ LEFT(w.v[(t + 1) & 15], 15);               \
        w.v[(t + 4) & 15] = P1(mixed) ^ LEFT(w.v[(t + 7) & 15], 7) ^ w.v[(t + 14) & 15];              \
    }                                                                                                 \
    V turned = LEFT(a, 12), sum = turned + e + sm3_constant(r + t), one = LEFT(sum, 7);               \
    V left = r ? (a & b) | (c & (a | b)) : a ^ b ^ c, right = r ? g ^ (e & (f ^ g)) : e ^ f ^ g;      \
    left += d + (one ^ turned) + (w.v[t] ^ w.v[(t + 4) & 15]);                                        \
    right += h + one + w.v[t];                                                                        \
    d = c, c = LEFT(b, 9), b = a, a = left, h = g, g = LEFT(f, 19), f = e, e = P0(right);
#define SM3_JOIN(old, new) ((old) ^ (new))

#define DEFINE_HASH(NAME, TARGET, LANES, HASH)                                                        \
    typedef uint32_t NAME##_vector __attribute__((vector_size(4 * LANES)));                           \
    __attribute__((target(TARGET))) static void NAME(Messages *from, uint8_t *digests) {              \
        typedef NAME##_vector V;                                                                      \
        Lane lanes[LANES];                                                                            \
        union { V v[8]; uint32_t word[8][LANES]; } state;                                             \
        union { V v[16]; uint32_t word[16][LANES]; } w;                                               \
        int busy[LANES], left = 0;                                                                    \
        for (int i = 0; i < LANES; i++) {                                                             \
            left += busy[i] = take(from, &lanes[i], digests);                                         \
            for (int j = 0; j < 8; j++) state.word[j][i] = HASH##_START[j];                           \
        }                                                                                             \
        while (left) {                                                                                \
            for (int i = 0; i < LANES; i++) {                                                         \
                const uint8_t *block = busy[i] ? block_of(&lanes[i]) : IDLE;                          \
                for (int t = 0; t < 16; t++) {                                                        \
                    uint32_t word;                                                                    \
                    memcpy(&word, block + 4 * t, 4);                                                  \
                    w.word[t][i] = __builtin_bswap32(word);                                           \
                }                                                                                     \
            }                                                                                         \
            V a = state.v[0], b = state.v[1], c = state.v[2], d = state.v[3];                         \
            V e = state.v[4], f = state.v[5], g = state.v[6], h = state.v[7];                         \
            for (int r = 0; r < 64; r += 16) {                                                        \
                _Pragma("GCC unroll 16") for (int t = 0; t < 16; t++) { HASH##_ROUND(r, t) }          \
            }                                                                                         \
            state.v[0] = HASH##_JOIN(state.v[0], a), state.v[1] = HASH##_JOIN(state.v[1], b);         \
            state.v[2] = HASH##_JOIN(state.v[2], c), state.v[3] = HASH##_JOIN(state.v[3], d);         \
            state.v[4] = HASH##_JOIN(state.v[4], e), state.v[5] = HASH##_JOIN(state.v[5], f);         \
            state.v[6] = HASH##_JOIN(state.v[6], g), state.v[7] = HASH##_JOIN(state.v[7], h);         \
            for (int i = 0; i < LANES; i++) {                                                         \
                if (!busy[i] || ++lanes[i].block < lanes[i].blocks) continue;                         \
                for (int j = 0; j < 8; j++) {                                                         \
                    uint32_t word = __builtin_bswap32(state.word[j][i]);                              \
                    memcpy(lanes[i].digest + 4 * j, &word, 4);                                        \
                    state.word[j][i] = HASH##_START[j];                                               \
                }                                                                                     \
                left -= !(busy[i] = take(from, &lanes[i], digests));                                  \
            }                                                                                         \
        }                                                                                             \
    }

#define SIXTEEN "avx512f,avx512bw,avx512vl"

DEFINE_HASH(sha256_in_sixteen, SIXTEEN, 16, SHA256)
DEFINE_HASH(sha256_in_eight, "avx2", 8, SHA256)
DEFINE_HASH(sm3_in_sixteen, SIXTEEN, 16, SM3)
DEFINE_HASH(sm3_in_eight, "avx2", 8, SM3)

/* How many messages this processor hashes at once; 0: none, use something else. */
int sealtrace_lanes(void) {
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
        __builtin_cpu_supports("avx512vl")) return 16;
    return __builtin_cpu_supports("avx2") ? 8 : 0;
}

/* The hashes of prefix || message of `count` messages into `digests`, 32 bytes each; function 0 is SHA-256, 1 is SM3.
   `lanes` are 8, or 16 where the processor has them. */
void sealtrace_hash(int function, int lanes, uint8_t prefix, const uint8_t *data, const uint64_t *lengths,
                    size_t width, size_t gap, size_t count, uint8_t *digests) {
    Messages from = {data, lengths, width, gap, count, 0, prefix};
    if (lanes == 16) (function ? sm3_in_sixteen : sha256_in_sixteen)(&from, digests);
    else (function ? sm3_in_eight : sha256_in_eight)(&from, digests);
}

#else

int sealtrace_lanes(void) { return 0; }

#endif
