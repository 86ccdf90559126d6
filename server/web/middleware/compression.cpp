// SPDX-License-Identifier: GPL-3.0-or-later
#include "server/web/middleware/compression.h"

#include "server/http/status.h"
#include "server/web/accept.h"
#include "server/web/bodyfilter.h"
#include "server/web/mediatypes.h"

#include <optional>

namespace loopscope::web {

namespace {

// Decides when the head goes out, and compresses from then on.
class CompressionFilter final : public BodyFilter {
public:
    CompressionFilter(const Request &request, const CompressionOptions &options)
        : m_isHead(request.method() == http::Method::Head)
        , m_acceptEncoding(request.head().allHeaders("Accept-Encoding"))
        , m_options(options)
    {
    }

    bool begin(Response &response, qint64 contentLength) override
    {
        if (!mayTransform(response))
            return false;
        response.vary("Accept-Encoding");
        const bool isNotModified = response.statusCode() == 304;
        if (!isNotModified && contentLength >= 0 && contentLength < m_options.threshold)
            return false;
        const Coding coding = preferredCoding();
        if (coding == Coding::Identity)
            return false;
        if (const QByteArrayView etag = response.get("ETag"); etag.startsWith('"'))
            response.set("ETag", "W/" + etag.toByteArray());
        if (isNotModified)
            return false;
        response.set("Content-Encoding", toString(coding).toByteArray());
        response.remove("Accept-Ranges"); // of the coded bytes there are none
        if (!m_isHead)
            m_encoder.emplace(coding, m_options.encoder);
        return true;
    }
    bool wantsPool(qint64 bytes) const override { return m_encoder && bytes > m_options.poolThreshold; }
    void write(QByteArrayView bytes, QByteArray &out) override
    {
        if (m_encoder)
            m_encoder->write(bytes, out);
    }
    void flush(QByteArray &out) override
    {
        if (m_encoder)
            m_encoder->flush(out);
    }
    void end(QByteArray &out) override
    {
        if (m_encoder)
            m_encoder->end(out);
    }

private:
    // RFC 9110 §7.7: no-transform forbids it. A part (206) is of bytes that the client knows under another coding. A 304
    // has the Vary and the ETag of the 200 that it stands for (RFC 9110 §15.4.5); mostly it does not say of which type that
    // is. Deviation: nor of which size, so that below the threshold its ETag is weak where the 200's is strong.
    static bool mayTransform(const Response &response)
    {
        const int status = response.statusCode();
        const bool isNotModified = status == 304;
        if ((http::statusForbidsBody(status) && !isNotModified) || status == 206 || !response.get("Content-Range").isNull())
            return false;
        const QByteArrayView coding = response.get("Content-Encoding");
        if (!coding.isNull() && !http::equalsIgnoringCase(coding, "identity"))
            return false;
        const QByteArrayView type = response.get("Content-Type");
        return (isCompressible(type) || (isNotModified && type.isNull()))
            && !http::listContains(response.get("Cache-Control"), "no-transform");
    }
    [[nodiscard]] Coding preferredCoding() const
    {
        switch (negotiateEncoding(m_acceptEncoding, {"br", "gzip", "deflate", "identity"})) {
        case 0: return Coding::Brotli;
        case 1: return Coding::Gzip;
        case 2: return Coding::Deflate;
        default: return Coding::Identity; // also if nothing is acceptable: RFC 9110 §12.5.3 leaves that to the server
        }
    }

    const bool m_isHead;
    const QByteArray m_acceptEncoding;
    const CompressionOptions m_options;
    std::optional<Encoder> m_encoder; // none for HEAD, whose head alone is as GET's
};

} // namespace

Handler compression(const CompressionOptions &options)
{
    return makeHandler([options](Request &req, Response &res, Next next) {
        res.setBodyFilter(std::make_unique<CompressionFilter>(req, options));
        next();
    });
}

} // namespace loopscope::web
