// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "app/lab/experimentplan.h"

#include <QtWidgets/QWidget>

QT_BEGIN_NAMESPACE
class QComboBox;
class QFormLayout;
class QLabel;
class QSpinBox;
QT_END_NAMESPACE

namespace loopscope::app {

// What to compare: an experiment, two of its variants, its parameters, and the load beside it.
// GUI thread; owned by the panel. It runs nothing.
class RunForm final : public QWidget {
    Q_OBJECT

public:
    // `experiments` outlives the form; at least one.
    explicit RunForm(const QList<practice::Experiment> &experiments, QWidget *parent = nullptr);

    [[nodiscard]] const practice::Experiment &experiment() const;
    // A, then B; the two may be the same, which shows how much the figures vary by themselves.
    [[nodiscard]] LabChoices choices() const;
    // False if there is none of that name.
    bool selectExperiment(const QByteArray &name);
    bool setParameter(const QByteArray &name, qint64 value);
    void setLoad(int rate, int seconds, int runs);

protected:
    void resizeEvent(QResizeEvent *event) override;

private:
    void onExperimentChanged();
    void fitDescription();
    void addParameters();
    [[nodiscard]] QSpinBox *addSpinBox(const QString &label, const QString &help, int least, int most,
                                       const QString &unit);

    const QList<practice::Experiment> &m_experiments;
    QFormLayout *const m_layout;
    QComboBox *const m_experiment;
    QLabel *const m_description;
    QComboBox *const m_a;
    QComboBox *const m_b;
    QList<QSpinBox *> m_parameters; // in the experiment's order
    QSpinBox *m_rate = nullptr;
    QSpinBox *m_seconds = nullptr;
    QSpinBox *m_runs = nullptr;
};

} // namespace loopscope::app
