// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QtCore/QByteArray>
#include <QtCore/QCoreApplication>
#include <QtCore/QString>

#include <vector>

namespace loopscope::model {

class Session;
struct Request;

// A filter as one types it into a browser's network panel: terms with blanks between, all of which must hold; a '-'
// in front of a term means "not"; a value with blanks stands in double quotes.
//
//     method:GET  status-code:404  status-code:4xx  status-code:400-404  path:/users  larger-than:1k  smaller-than:2M
//     slower-than:100ms  faster-than:1s  is:running  is:failed  is:redirect  is:chunked  connection:7  request:42
//     has-header:accept  has-response-header:location  mime-type:json  text…
//
// `path:` and bare text match a part, without case; bare text looks into method, target and status. Sizes are response
// bodies in B, or with k, M, G (thousands); times take ns, us, ms (the default) or s.
// A plain value: copy it freely.
class FilterExpression {
    Q_DECLARE_TR_FUNCTIONS(loopscope::model::FilterExpression)

public:
    // Terms at most, and characters of an expression.
    static constexpr int maximumTerms = 64;
    static constexpr qsizetype maximumCharacters = 4'096;

    // What is wrong, and where: `position` and `length` in UTF-16 units of the text. Empty message: nothing.
    struct Error {
        qsizetype position = 0;
        qsizetype length = 0;
        QString message; // one sentence, translated
        [[nodiscard]] bool isEmpty() const noexcept { return message.isEmpty(); }
        friend bool operator==(const Error &, const Error &) = default;
    };

    // Matches everything.
    FilterExpression() = default;
    // On an error the result matches everything and `error` (may be null) says why.
    [[nodiscard]] static FilterExpression parse(const QString &text, Error *error = nullptr);

    [[nodiscard]] bool isEmpty() const noexcept { return m_terms.empty(); }
    [[nodiscard]] const QString &text() const noexcept { return m_text; }
    // `nowNs`: how long a request that runs has run by then.
    [[nodiscard]] bool matches(const Session &session, const Request &request, qint64 nowNs) const;
    // True if the answer for a request that runs may change by time alone.
    [[nodiscard]] bool dependsOnTime() const noexcept { return m_dependsOnTime; }
    // The keys, for completion: "method:", "status-code:", …
    [[nodiscard]] static QStringList keys();

private:
    enum class Key {
        Text, Method, StatusCode, Path, LargerThan, SmallerThan, SlowerThan, FasterThan, Is, Connection, Request,
        HasHeader, HasResponseHeader, MimeType,
    };
    enum class State { Running, Failed, Redirect, Chunked };
    struct Term {
        Key key = Key::Text;
        bool negated = false;
        State state = State::Running;
        qint64 low = 0; // a number, or the range [low, high]
        qint64 high = 0;
        QByteArray text; // lower case
    };
    struct Token;
    [[nodiscard]] static bool parseTerm(const Token &token, Term &term, Error &error);
    [[nodiscard]] static bool parseValue(const Token &token, Term &term, Error &error);
    [[nodiscard]] static bool holds(const Term &term, const Session &session, const model::Request &request, qint64 nowNs);

    QString m_text;
    std::vector<Term> m_terms;
    bool m_dependsOnTime = false;
};

} // namespace loopscope::model
