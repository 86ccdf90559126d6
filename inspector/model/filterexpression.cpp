// SPDX-License-Identifier: GPL-3.0-or-later
#include "inspector/model/filterexpression.h"

#include "inspector/model/httphead.h"
#include "inspector/model/session.h"

#include <QtCore/QStringList>

#include <array>
#include <limits>
#include <optional>

using namespace Qt::StringLiterals;

namespace loopscope::model {

struct FilterExpression::Token {
    QString text; // without the '-' and the quotes
    QString key; // "method", or empty for bare text
    QString value;
    qsizetype position = 0; // of the token in the expression
    qsizetype length = 0;
    qsizetype valuePosition = 0;
    bool negated = false;
};

namespace {


std::optional<qint64> parseNumber(QStringView text)
{
    bool ok = false;
    const qint64 value = text.toLongLong(&ok);
    return ok && value >= 0 ? std::optional(value) : std::nullopt;
}

// A number with a unit behind it: the longest unit that fits wins.
template<std::size_t N>
std::optional<qint64> parseQuantity(QStringView text, const std::array<std::pair<QStringView, double>, N> &units)
{
    double factor = 0;
    for (const auto &[name, each] : units) {
        if (text.endsWith(name, Qt::CaseInsensitive)) {
            factor = each;
            text.chop(name.size());
            break;
        }
    }
    bool ok = false;
    const double value = text.toDouble(&ok);
    const double result = value * factor;
    if (!ok || !(value >= 0) || !(result < double(std::numeric_limits<qint64>::max())))
        return std::nullopt;
    return qint64(result);
}

std::optional<qint64> parseBytes(QStringView text)
{
    static constexpr std::array<std::pair<QStringView, double>, 8> units{{
        {u"kb", 1e3}, {u"mb", 1e6}, {u"gb", 1e9}, {u"k", 1e3}, {u"m", 1e6}, {u"g", 1e9}, {u"b", 1}, {u"", 1},
    }};
    return parseQuantity(text, units);
}

std::optional<qint64> parseTime(QStringView text)
{
    static constexpr std::array<std::pair<QStringView, double>, 6> units{{
        {u"ns", 1}, {u"us", 1e3}, {u"µs", 1e3}, {u"ms", 1e6}, {u"s", 1e9}, {u"", 1e6},
    }};
    return parseQuantity(text, units);
}

// "404", "4xx", "400-404".
std::optional<std::pair<qint64, qint64>> parseStatus(QStringView text)
{
    const qsizetype dash = text.indexOf(u'-');
    if (dash > 0) {
        const auto low = parseNumber(text.first(dash));
        const auto high = parseNumber(text.sliced(dash + 1));
        return low && high && *low <= *high ? std::optional(std::pair(*low, *high)) : std::nullopt;
    }
    if (text.size() == 3 && text.sliced(1).compare(u"xx", Qt::CaseInsensitive) == 0 && text[0] >= u'1' && text[0] <= u'5') {
        const qint64 hundred = (text[0].unicode() - u'0') * 100;
        return std::pair(hundred, hundred + 99);
    }
    const auto code = parseNumber(text);
    return code && *code >= 100 && *code <= 599 ? std::optional(std::pair(*code, *code)) : std::nullopt;
}

// ASCII without case; `needle` is lower case. Heads are short: a plain search beats anything cleverer.
bool containsText(QByteArrayView text, QByteArrayView needle)
{
    const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; };
    if (needle.isEmpty())
        return true;
    for (qsizetype at = 0; at + needle.size() <= text.size(); ++at) {
        qsizetype matched = 0;
        while (matched < needle.size() && lower(text[at + matched]) == needle[matched])
            ++matched;
        if (matched == needle.size())
            return true;
    }
    return false;
}

} // namespace

QStringList FilterExpression::keys()
{
    return {u"method:"_s, u"status-code:"_s, u"path:"_s, u"larger-than:"_s, u"smaller-than:"_s, u"slower-than:"_s,
            u"faster-than:"_s, u"is:"_s, u"connection:"_s, u"request:"_s, u"has-header:"_s, u"has-response-header:"_s,
            u"mime-type:"_s};
}

bool FilterExpression::parseValue(const Token &token, Term &term, Error &error)
{
    const auto fail = [&](const QString &message) {
        error = {token.valuePosition, token.position + token.length - token.valuePosition, message};
        return false;
    };
    const auto number = [&](std::optional<qint64> value, const QString &message) {
        if (!value)
            return fail(message);
        term.low = *value;
        return true;
    };
    switch (term.key) {
    case Key::StatusCode: {
        const auto range = parseStatus(token.value);
        if (!range)
            return fail(tr("“%1” is no status: write 404, 4xx or 400-404.").arg(token.value));
        std::tie(term.low, term.high) = *range;
        return true;
    }
    case Key::LargerThan:
    case Key::SmallerThan:
        return number(parseBytes(token.value), tr("“%1” is no size: write 500, 1k or 2.5M.").arg(token.value));
    case Key::SlowerThan:
    case Key::FasterThan:
        return number(parseTime(token.value), tr("“%1” is no time: write 100ms, 20us or 1.5s.").arg(token.value));
    case Key::Connection:
    case Key::Request:
        return number(parseNumber(token.value), tr("“%1” is no number.").arg(token.value));
    case Key::Is: {
        static constexpr std::array<const char16_t *, 4> states{u"running", u"failed", u"redirect", u"chunked"};
        for (std::size_t i = 0; i < states.size(); ++i) {
            if (token.value.compare(QStringView(states[i]), Qt::CaseInsensitive) == 0) {
                term.state = State(i);
                return true;
            }
        }
        return fail(tr("“%1” is no state: write running, failed, redirect or chunked.").arg(token.value));
    }
    default:
        term.text = token.value.toLower().toUtf8();
        return true;
    }
}

bool FilterExpression::parseTerm(const Token &token, Term &term, Error &error)
{
    term.negated = token.negated;
    if (token.key.isEmpty()) {
        term.text = token.value.toLower().toUtf8();
        return true;
    }
    const QStringList names = keys();
    const qsizetype index = names.indexOf(QString(token.key % u':'));
    if (index < 0) {
        error = {token.position + token.negated, token.key.size(),
                 tr("There is no filter “%1:”; to look for the text itself, put it in double quotes.").arg(token.key)};
        return false;
    }
    static constexpr std::array<Key, 13> order{
        Key::Method, Key::StatusCode, Key::Path, Key::LargerThan, Key::SmallerThan, Key::SlowerThan, Key::FasterThan,
        Key::Is, Key::Connection, Key::Request, Key::HasHeader, Key::HasResponseHeader, Key::MimeType,
    };
    term.key = order[std::size_t(index)];
    if (token.value.isEmpty()) {
        error = {token.position, token.length, tr("“%1:” needs a value behind the colon.").arg(token.key)};
        return false;
    }
    return parseValue(token, term, error);
}

FilterExpression FilterExpression::parse(const QString &text, Error *error)
{
    Error ignored;
    Error &problem = error ? *error : ignored;
    problem = {};
    if (text.size() > maximumCharacters) {
        problem = {maximumCharacters, text.size() - maximumCharacters,
                   tr("A filter has %1 characters at most.").arg(maximumCharacters)};
        return {};
    }
    FilterExpression result;
    result.m_text = text;
    for (qsizetype at = 0; at < text.size();) {
        if (text[at].isSpace()) {
            ++at;
            continue;
        }
        Token token;
        token.position = at;
        token.negated = text[at] == u'-' && at + 1 < text.size() && !text[at + 1].isSpace();
        at += token.negated;
        token.valuePosition = at;
        bool quoted = false;
        qsizetype quote = at;
        for (; at < text.size() && (quoted || !text[at].isSpace()); ++at) {
            if (text[at] == u'"') {
                quoted = !quoted;
                quote = at;
            } else if (text[at] == u':' && !quoted && token.key.isEmpty() && token.valuePosition + token.value.size() == at
                       && !token.value.isEmpty() && token.value.front().isLetter()) {
                token.key = std::exchange(token.value, {}).toLower();
                token.valuePosition = at + 1;
            } else {
                token.value += text[at];
            }
        }
        token.length = at - token.position;
        if (quoted) {
            problem = {quote, text.size() - quote, tr("A double quote is opened here and not closed.")};
            return {};
        }
        Term term;
        if (!parseTerm(token, term, problem))
            return {};
        if (result.m_terms.size() == std::size_t(maximumTerms)) {
            problem = {token.position, token.length, tr("A filter has %1 terms at most.").arg(maximumTerms)};
            return {};
        }
        result.m_dependsOnTime = result.m_dependsOnTime || term.key == Key::SlowerThan || term.key == Key::FasterThan;
        result.m_terms.push_back(std::move(term));
    }
    return result;
}

bool FilterExpression::matches(const Session &session, const model::Request &request, qint64 nowNs) const
{
    for (const Term &term : m_terms) {
        if (holds(term, session, request, nowNs) == term.negated)
            return false;
    }
    return true;
}

bool FilterExpression::holds(const Term &term, const Session &session, const model::Request &request, qint64 nowNs)
{
    const auto line = [&] { return parseRequestLine(session.text(request.head)); };
    switch (term.key) {
    case Key::Text:
        return containsText(line().method, term.text) || containsText(line().target, term.text)
            || (request.status != 0 && containsText(QByteArray::number(request.status), term.text));
    case Key::Method:
        return line().method.compare(term.text, Qt::CaseInsensitive) == 0;
    case Key::StatusCode:
        return request.status >= term.low && request.status <= term.high;
    case Key::Path:
        return containsText(line().target, term.text);
    case Key::LargerThan:
        return request.responseBytes > term.low;
    case Key::SmallerThan:
        return request.responseBytes < term.low;
    case Key::SlowerThan:
        return request.durationAt(nowNs) > term.low;
    case Key::FasterThan:
        return request.durationAt(nowNs) < term.low;
    case Key::Connection:
        return request.connection == quint64(term.low);
    case Key::Request:
        return request.number == quint64(term.low);
    case Key::HasHeader:
        return !headerValue(session.text(request.head), term.text).isNull();
    case Key::HasResponseHeader:
        return !headerValue(session.text(request.responseHeadText), term.text).isNull();
    case Key::MimeType:
        return containsText(headerValue(session.text(request.responseHeadText), "content-type"), term.text);
    case Key::Is:
        break;
    }
    switch (term.state) {
    case State::Running: return request.isRunning();
    case State::Failed: return request.hasFailed();
    case State::Redirect: return request.status >= 300 && request.status < 400 && request.status != 304;
    case State::Chunked:
        return request.framing == trace::BodyFraming::Chunked || request.responseFraming == trace::BodyFraming::Chunked;
    }
    return false;
}

} // namespace loopscope::model
