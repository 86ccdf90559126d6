// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArrayView>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

// What the fuzzers share. Each defines this function, which libFuzzer or replay.cpp calls; it returns 0.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size);

namespace loopscope::fuzz {

// A promise of the code under test. A broken one ends the process, so that the input is kept.
inline void require(bool holds, const char *promise)
{
    if (holds)
        return;
    std::fprintf(stderr, "broken: %s\n", promise);
    std::abort();
}

// Numbers that an input decides: the same input, the same numbers (xorshift64*, seeded by FNV-1a of the bytes).
class Dice {
public:
    explicit Dice(QByteArrayView seed)
    {
        for (const char c : seed)
            m_state = (m_state ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
        m_state |= 1;
    }
    // 0 to `sides` - 1; `sides` is 1 or more.
    [[nodiscard]] std::uint64_t roll(std::uint64_t sides)
    {
        m_state ^= m_state >> 12;
        m_state ^= m_state << 25;
        m_state ^= m_state >> 27;
        return (m_state * 0x2545f4914f6cdd1dULL >> 32) % sides;
    }
    // The next piece of `bytes`, taken off them: mostly short, sometimes all. At least one byte if there is one.
    [[nodiscard]] QByteArrayView piece(QByteArrayView &bytes)
    {
        const std::uint64_t kind = roll(8);
        const std::uint64_t most = kind == 0 ? std::uint64_t(bytes.size()) : kind < 4 ? 3 : 40;
        const qsizetype size = kind == 0 ? bytes.size() : qMin(bytes.size(), qsizetype(1 + roll(most)));
        const QByteArrayView taken = bytes.first(size);
        bytes = bytes.sliced(size);
        return taken;
    }

private:
    std::uint64_t m_state = 0xcbf29ce484222325ULL;
};

// A piece in a buffer of its own size, so that AddressSanitizer sees whoever reads beyond it, or after it is gone.
class Piece {
public:
    explicit Piece(QByteArrayView bytes)
        : m_bytes(bytes.begin(), bytes.end())
    {
        m_bytes.shrink_to_fit();
    }
    [[nodiscard]] QByteArrayView view() const { return QByteArrayView(m_bytes.data(), qsizetype(m_bytes.size())); }
    [[nodiscard]] bool holds(QByteArrayView part) const
    {
        return part.data() >= m_bytes.data() && part.data() + part.size() <= m_bytes.data() + m_bytes.size();
    }

private:
    std::vector<char> m_bytes;
};

} // namespace loopscope::fuzz
