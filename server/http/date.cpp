// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/http/date.h"

#include <QtCore/QLocale>

#include <array>

namespace loopscope::http {

using namespace std::chrono;

namespace {

constexpr std::array<QByteArrayView, 7> dayNames = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<QByteArrayView, 7> longDayNames = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                        "Thursday", "Friday", "Saturday"};
constexpr std::array<QByteArrayView, 12> monthNames = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// Takes a text apart from its start; the first thing that is not as it must be spoils all.
class Scanner {
public:
    explicit Scanner(QByteArrayView text)
        : m_rest(text)
    {
    }

    [[nodiscard]] bool isGood() const noexcept { return m_good; }
    [[nodiscard]] bool isAtEnd() const noexcept { return m_good && m_rest.isEmpty(); }

    void literal(QByteArrayView text)
    {
        m_good = m_good && m_rest.startsWith(text);
        if (m_good)
            m_rest = m_rest.sliced(text.size());
    }
    [[nodiscard]] int digits(int count)
    {
        m_good = m_good && m_rest.size() >= count;
        int number = 0;
        for (int i = 0; m_good && i < count; ++i) {
            m_good = m_rest[i] >= '0' && m_rest[i] <= '9';
            number = number * 10 + (m_rest[i] - '0');
        }
        if (m_good)
            m_rest = m_rest.sliced(count);
        return number;
    }
    // The index of the name that stands here.
    template<std::size_t count>
    [[nodiscard]] int name(const std::array<QByteArrayView, count> &names)
    {
        for (std::size_t i = 0; m_good && i < count; ++i) {
            if (m_rest.startsWith(names[i])) {
                m_rest = m_rest.sliced(names[i].size());
                return int(i);
            }
        }
        m_good = false;
        return -1;
    }
    // A day of asctime: two digits, or a space and one.
    [[nodiscard]] int paddedDay()
    {
        if (m_good && m_rest.startsWith(' ')) {
            literal(" ");
            return digits(1);
        }
        return digits(2);
    }

private:
    QByteArrayView m_rest;
    bool m_good = true;
};

struct Fields {
    int year = 0;
    int month = 0; // 0 to 11
    int day = 0;
    int hour = 0;
    int minute = 0;
    int second = 0;
};

void scanTime(Scanner &scanner, Fields &fields)
{
    fields.hour = scanner.digits(2);
    scanner.literal(":");
    fields.minute = scanner.digits(2);
    scanner.literal(":");
    fields.second = scanner.digits(2);
}

bool scanImfFixdate(QByteArrayView text, Fields &fields)
{
    Scanner scanner(text);
    static_cast<void>(scanner.name(dayNames));
    scanner.literal(", ");
    fields.day = scanner.digits(2);
    scanner.literal(" ");
    fields.month = scanner.name(monthNames);
    scanner.literal(" ");
    fields.year = scanner.digits(4);
    scanner.literal(" ");
    scanTime(scanner, fields);
    scanner.literal(" GMT");
    return scanner.isAtEnd();
}

bool scanRfc850(QByteArrayView text, sys_seconds now, Fields &fields)
{
    Scanner scanner(text);
    static_cast<void>(scanner.name(longDayNames));
    scanner.literal(", ");
    fields.day = scanner.digits(2);
    scanner.literal("-");
    fields.month = scanner.name(monthNames);
    scanner.literal("-");
    const int shortYear = scanner.digits(2);
    scanner.literal(" ");
    scanTime(scanner, fields);
    scanner.literal(" GMT");

    const int thisYear = int(year_month_day(floor<days>(now)).year());
    fields.year = thisYear - thisYear % 100 + shortYear;
    if (fields.year > thisYear + 50)
        fields.year -= 100;
    return scanner.isAtEnd();
}

bool scanAsctime(QByteArrayView text, Fields &fields)
{
    Scanner scanner(text);
    static_cast<void>(scanner.name(dayNames));
    scanner.literal(" ");
    fields.month = scanner.name(monthNames);
    scanner.literal(" ");
    fields.day = scanner.paddedDay();
    scanner.literal(" ");
    scanTime(scanner, fields);
    scanner.literal(" ");
    fields.year = scanner.digits(4);
    return scanner.isAtEnd();
}

std::optional<sys_seconds> toTime(const Fields &fields)
{
    const year_month_day date(year(fields.year), month(unsigned(fields.month + 1)), day(unsigned(fields.day)));
    if (!date.ok() || fields.hour > 23 || fields.minute > 59 || fields.second > 60)
        return std::nullopt;
    return sys_days(date) + hours(fields.hour) + minutes(fields.minute) + seconds(fields.second);
}

} // namespace

QByteArray imfFixdate(const QDateTime &time)
{
    return QLocale::c().toString(time.toUTC(), QStringLiteral("ddd, dd MMM yyyy hh:mm:ss")).toLatin1() + " GMT";
}

QByteArray imfFixdate(sys_seconds time)
{
    const sys_days date = floor<days>(time);
    const year_month_day calendar(date);
    const hh_mm_ss clock(time - date);
    QByteArray text("Sun, 06 Nov 1994 08:49:37 GMT");
    const auto put = [&text](qsizetype at, QByteArrayView part) { text.replace(at, part.size(), part); };
    const auto putDigits = [&text](qsizetype last, int number, int count) {
        for (int i = 0; i < count; ++i, number /= 10)
            text[last - i] = char('0' + number % 10);
    };
    put(0, dayNames[weekday(date).c_encoding()]);
    putDigits(6, int(unsigned(calendar.day())), 2);
    put(8, monthNames[unsigned(calendar.month()) - 1]);
    putDigits(15, int(calendar.year()), 4);
    putDigits(18, int(clock.hours().count()), 2);
    putDigits(21, int(clock.minutes().count()), 2);
    putDigits(24, int(clock.seconds().count()), 2);
    return text;
}

std::optional<sys_seconds> parseHttpDate(QByteArrayView text, sys_seconds now)
{
    Fields fields;
    if (scanImfFixdate(text, fields) || scanRfc850(text, now, fields) || scanAsctime(text, fields))
        return toTime(fields);
    return std::nullopt;
}

std::optional<sys_seconds> parseHttpDate(QByteArrayView text)
{
    return parseHttpDate(text, floor<seconds>(system_clock::now()));
}

} // namespace loopscope::http
