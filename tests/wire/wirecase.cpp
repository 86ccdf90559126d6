// SPDX-License-Identifier: GPL-3.0-or-later
#include "tests/wire/wirecase.h"

#include <QtCore/QDir>
#include <QtCore/QFile>

#include <stdexcept>

using namespace Qt::StringLiterals;

namespace loopscope::test {

namespace {

// Reads one file, line by line.
class Reader {
public:
    Reader(const QByteArray &file, QList<WireCase> &cases)
        : m_file(file)
        , m_cases(cases)
    {
    }

    void read(QByteArrayView line)
    {
        ++m_line;
        if (line.isEmpty() || line.startsWith("# "))
            return;
        if (line.startsWith("## ")) {
            m_cases.append(WireCase());
            m_cases.back().sentence = m_file + ':' + QByteArray::number(m_line) + ' ' + line.sliced(3).toByteArray();
            m_inCase = true;
            return;
        }
        if (!m_inCase)
            fail("a line outside of a case");
        WireCase &now = m_cases.back();
        if (line == QByteArrayView(">.."))
            now.pauseAt = now.bytes.size();
        else if (line == QByteArrayView(">|"))
            now.finishes = true;
        else if (line == QByteArrayView("<|"))
            now.hasAnswers = now.closes = true;
        else if (line.startsWith("> "))
            now.bytes += unescaped(line.sliced(2));
        else if (line.startsWith("< ")) {
            now.hasAnswers = true;
            now.answers += unescaped(line.sliced(2));
        } else if (line.startsWith("= "))
            now.events += line.sliced(2).toByteArray() + '\n';
        else if (line.startsWith("! "))
            setLimit(line.sliced(2).toByteArray());
        else
            fail("a line that starts with no marker");
    }

private:
    [[noreturn]] void fail(const char *why) const
    {
        const QByteArray where = m_file + ':' + QByteArray::number(m_line) + ": ";
        throw std::runtime_error(where.toStdString() + why);
    }

    [[nodiscard]] QByteArray unescaped(QByteArrayView text) const
    {
        QByteArray bytes;
        for (qsizetype i = 0; i < text.size(); ++i) {
            if (text[i] != '\\') {
                bytes += text[i];
                continue;
            }
            const char kind = ++i < text.size() ? text[i] : '\0';
            if (kind == 'x' && i + 2 < text.size()) {
                bytes += QByteArray::fromHex(text.sliced(i + 1, 2).toByteArray());
                i += 2;
            } else if (const qsizetype known = QByteArrayView("rnt\\").indexOf(kind); kind != '\0' && known >= 0) {
                bytes += "\r\n\t\\"[known];
            } else {
                fail("an escape that is none");
            }
        }
        return bytes;
    }

    void setLimit(const QByteArray &text)
    {
        http::Limits &limits = m_cases.back().limits;
        const QByteArray name = text.left(text.indexOf(' '));
        bool isNumber = false;
        const int number = text.mid(name.size() + 1).toInt(&isNumber);
        if (!isNumber)
            fail("a limit without a number");
        else if (name == "maxHeadBytes")
            limits.maxHeadBytes = number;
        else if (name == "maxHeaders")
            limits.maxHeaders = number;
        else if (name == "maxTargetBytes")
            limits.maxTargetBytes = number;
        else if (name == "maxChunkOverheadBytes")
            limits.maxChunkOverheadBytes = number;
        else if (name == "maxLeadingBytes")
            limits.maxLeadingBytes = number;
        else
            fail("a limit that is none");
    }

    const QByteArray m_file;
    QList<WireCase> &m_cases;
    int m_line = 0;
    bool m_inCase = false;
};

} // namespace

QList<WireCase> readWireCases(const QString &folder)
{
    QList<WireCase> cases;
    const QStringList names = QDir(folder).entryList({u"*.wire"_s}, QDir::Files, QDir::Name);
    for (const QString &name : names) {
        QFile file(folder + u'/' + name);
        if (!file.open(QIODevice::ReadOnly))
            throw std::runtime_error("cannot read " + file.fileName().toStdString());
        Reader reader(name.toUtf8(), cases);
        const QList<QByteArray> lines = file.readAll().split('\n');
        for (const QByteArray &line : lines)
            reader.read(line);
    }
    return cases;
}

QByteArray escaped(QByteArrayView bytes)
{
    QByteArray text;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        if (const qsizetype known = QByteArrayView("\r\n\t\\").indexOf(c); c != '\0' && known >= 0)
            text += QByteArray("\\") + "rnt\\"[known];
        else if (byte < 0x20 || byte >= 0x7f)
            text += "\\x" + QByteArray(1, c).toHex();
        else
            text += c;
    }
    return text;
}

} // namespace loopscope::test
