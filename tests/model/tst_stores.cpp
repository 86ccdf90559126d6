// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/model/chunkeddeque.h"
#include "inspector/model/numberedstore.h"
#include "inspector/model/stringtable.h"
#include "inspector/model/textarena.h"
#include "tests/support/testcase.h"

using namespace loopscope::model;

class tst_Stores : public loopscope::test::TestCase {
    Q_OBJECT

private Q_SLOTS:
    void aDequeKeepsItsSequencesOverEvictionAndClear();
    void aDequeMakesAndDestroysEachValueOnceAndMovesNone();
    void aNumberIsFoundInAnyOrderAndWithGaps();
    void aNumberThatCameAgainIsTheNewerOne();
    void anEvictedTextReadsAsNull();
    void aTextNeverCrossesABlock();
    void equalNamesShareAnIdAndSurviveTheirPointers();
    void aFullStringTableSaysSo();
};

void tst_Stores::aDequeKeepsItsSequencesOverEvictionAndClear()
{
    ChunkedDeque<int, 2> deque;
    for (int i = 0; i < 10; ++i)
        QCOMPARE(deque.append(i), quint64(i));
    QCOMPARE(deque.evictBlock(), 4u);
    QCOMPARE(deque.first(), 4u);
    QVERIFY(!deque.contains(3));
    for (quint64 i = 4; i < 10; ++i)
        QCOMPARE(deque.at(i), int(i));
    QCOMPARE(deque.evictBlock(), 4u);
    QCOMPARE(deque.evictBlock(), 2u); // what there was of the last one
    QVERIFY(deque.isEmpty());
    QCOMPARE(deque.evictBlock(), 0u);
    const quint64 next = deque.append(42);
    QVERIFY(next >= 10); // never a sequence again
    QCOMPARE(deque.at(next), 42);
    deque.clear();
    QVERIFY(deque.append(43) > next);
}

namespace {

// Counts those that live; a copy of one lives, too.
class Counted {
public:
    explicit Counted(int &alive)
        : m_alive(alive)
    {
        ++m_alive;
    }
    Counted(const Counted &other)
        : Counted(other.m_alive)
    {
    }
    ~Counted() { --m_alive; }

private:
    int &m_alive;
};

} // namespace

void tst_Stores::aDequeMakesAndDestroysEachValueOnceAndMovesNone()
{
    int alive = 0;
    {
        ChunkedDeque<Counted, 2> deque;
        const Counted *first = &deque.emplace(alive);
        QCOMPARE(deque.end(), 1u);
        for (int i = 1; i < 11; ++i)
            deque.append(Counted(alive));
        QCOMPARE(alive, 11);
        QCOMPARE(&deque.at(0), first);
        const Counted *ninth = &deque.at(8);
        deque.evictBlock();
        QCOMPARE(alive, 7);
        QCOMPARE(&deque.at(8), ninth);
        deque.clear();
        QCOMPARE(alive, 0);
        deque.emplace(alive);
        deque.evictBlock(); // the only one, and not full
        QCOMPARE(alive, 0);
        for (int i = 0; i < 5; ++i)
            deque.emplace(alive);
        QCOMPARE(alive, 5);
    }
    QCOMPARE(alive, 0);
}

void tst_Stores::aNumberIsFoundInAnyOrderAndWithGaps()
{
    struct Thing {
        quint64 number = 0;
        int value = 0;
    };
    NumberedStore<Thing> store(1);
    QVERIFY(!store.find(0));
    for (const quint64 number : {5u, 3u, 4u, 1'000'003u})
        store.add({number, int(number)});
    QCOMPARE(store.find(3)->value, 3);
    QCOMPARE(store.find(1'000'003)->value, 1'000'003);
    QVERIFY(!store.find(2));
    QVERIFY(!store.find(0));
    QCOMPARE(store.sequenceOf(4), 2u);
    QCOMPARE(store.sequenceOf(6), store.all().end());
    for (quint64 i = 2'000'000; !store.isFull(); ++i)
        store.add({i, 0});
    QCOMPARE(store.all().size(), 2048u);
    int gone = 0;
    store.evictBlock([&](Thing &) { ++gone; });
    QCOMPARE(gone, 1024);
    QVERIFY(!store.find(3));
    store.clear();
    QVERIFY(!store.find(2'002'000));
}

// What was found last is remembered: it must not outlive what it remembers.
void tst_Stores::aNumberThatCameAgainIsTheNewerOne()
{
    struct Thing {
        quint64 number = 0;
        int value = 0;
    };
    NumberedStore<Thing> store(1); // 2,048, so 4,096 slots
    const auto find = [&](quint64 number) {
        Thing *const last = store.lastFound(number);
        return last ? last : store.find(number);
    };
    store.add({7, 1});
    QCOMPARE(find(7)->value, 1);
    store.add({7, 2}); // the server was started again
    QCOMPARE(find(7)->value, 2);
    store.add({7 + 4'096, 3}); // the same slot
    QVERIFY(!find(7));
    QCOMPARE(find(7 + 4'096)->value, 3);
    store.add({8, 4});
    QCOMPARE(find(7 + 4'096)->value, 3);
    store.evictBlock([](Thing &) {});
    QVERIFY(!find(7 + 4'096));
    store.add({9, 5});
    QCOMPARE(find(9)->value, 5);
    store.clear();
    QVERIFY(!find(9));
}

void tst_Stores::anEvictedTextReadsAsNull()
{
    TextArena arena(1); // two blocks
    QCOMPARE(arena.limitBytes(), 2u * TextArena::blockBytes);
    QCOMPARE(arena.add({}), TextRef{});
    QVERIFY(arena.view({}).isNull());
    QVERIFY(!arena.isEvicted({}));
    const TextRef first = arena.add("first");
    QCOMPARE(arena.view(first).toByteArray(), QByteArray("first"));
    const QByteArray big(30'000, 'x');
    TextRef last;
    for (int i = 0; i < 100; ++i) {
        last = arena.add(big);
        QVERIFY(arena.usedBytes() <= arena.limitBytes());
    }
    QVERIFY(arena.isEvicted(first));
    QVERIFY(arena.view(first).isNull());
    QVERIFY(arena.evictedBytes() > 0);
    QCOMPARE(arena.view(last).toByteArray(), big);
    QVERIFY(arena.view({last.position, TextArena::blockBytes * 4}).isNull()); // no reference reads outside
    arena.clear();
    QVERIFY(arena.view(last).isNull());
    QVERIFY(arena.isEvicted(last));
}

void tst_Stores::aTextNeverCrossesABlock()
{
    TextArena arena(8 * TextArena::blockBytes);
    QList<std::pair<TextRef, QByteArray>> all;
    for (int i = 0; i < 60; ++i) {
        const QByteArray text(1 + i * 397 % 32'768, char('a' + i % 26));
        all.append({arena.add(text), text});
    }
    for (const auto &[ref, text] : std::as_const(all))
        QCOMPARE(arena.view(ref).toByteArray(), text);
    const TextRef cut = arena.add(QByteArray(TextArena::blockBytes + 1, 'z'));
    QCOMPARE(cut.bytes, TextArena::blockBytes);
}

void tst_Stores::equalNamesShareAnIdAndSurviveTheirPointers()
{
    StringTable table;
    QCOMPARE(table.id(nullptr), 0u);
    QCOMPARE(table.text(0), QByteArray());
    char name[] = "logger";
    const StringId id = table.id(name);
    const QByteArray other("logger");
    QCOMPARE(table.id(other.constData()), id);
    name[0] = 'X'; // the pointer is reused by another trace
    QCOMPARE(table.text(id), QByteArray("logger"));
    table.forgetPointers();
    QVERIFY(table.id(name) != id);
    QCOMPARE(table.text(table.id(name)), QByteArray("Xogger"));
    QCOMPARE(table.text(12'345), QByteArray());
}

void tst_Stores::aFullStringTableSaysSo()
{
    StringTable table;
    std::vector<QByteArray> names;
    for (std::size_t i = 0; i < StringTable::maximumStrings + 10; ++i)
        names.push_back(QByteArray::number(qulonglong(i)));
    for (std::size_t i = 0; i < StringTable::maximumStrings; ++i)
        (void)table.id(names[i].constData());
    QCOMPARE(table.text(table.id(names[7].constData())), QByteArray("7"));
    QCOMPARE(table.text(table.id(names.back().constData())), QByteArray("…"));
    QCOMPARE(table.id(names[StringTable::maximumStrings].constData()), table.id(names.back().constData()));
}

QTEST_GUILESS_MAIN(tst_Stores)
#include "tst_stores.moc"
