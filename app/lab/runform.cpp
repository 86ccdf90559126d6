// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/lab/runform.h"

#include <QtGui/QResizeEvent>
#include <QtWidgets/QComboBox>
#include <QtWidgets/QFormLayout>
#include <QtWidgets/QLabel>
#include <QtWidgets/QSpinBox>

#include <algorithm>
#include <limits>

using namespace Qt::StringLiterals;

namespace loopscope::app {

namespace {

// Rows of the form above the experiment's parameters.
constexpr int rowsAboveParameters = 4;

int toInt(qint64 value)
{
    return int(std::clamp<qint64>(value, std::numeric_limits<int>::min(), std::numeric_limits<int>::max()));
}

} // namespace

RunForm::RunForm(const QList<practice::Experiment> &experiments, QWidget *parent)
    : QWidget(parent)
    , m_experiments(experiments)
    , m_layout(new QFormLayout(this))
    , m_experiment(new QComboBox)
    , m_description(new QLabel)
    , m_a(new QComboBox)
    , m_b(new QComboBox)
{
    Q_ASSERT(!experiments.isEmpty());
    m_layout->setRowWrapPolicy(QFormLayout::WrapLongRows);
    m_layout->setFieldGrowthPolicy(QFormLayout::ExpandingFieldsGrow);
    for (QComboBox *box : {m_experiment, m_a, m_b}) {
        box->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
        box->setMinimumContentsLength(10);
        box->setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    }
    m_experiment->setAccessibleName(tr("Experiment"));
    m_a->setAccessibleName(tr("Variant A"));
    m_b->setAccessibleName(tr("Variant B"));
    m_description->setWordWrap(true);
    m_description->setTextFormat(Qt::PlainText);
    m_description->setAccessibleName(tr("What the experiment does"));
    m_layout->addRow(tr("&Experiment"), m_experiment);
    m_layout->addRow(m_description);
    m_layout->addRow(tr("A"), m_a);
    m_layout->addRow(tr("B"), m_b);
    m_rate = addSpinBox(tr("Probe"),
                        tr("Requests for /healthz that are due each second meanwhile, whatever became of those before"),
                        load::LoadOptions::minimumRate, load::LoadOptions::maximumRate, tr("/s"));
    m_seconds = addSpinBox(tr("At least"), tr("How long the probe lasts in each run, at least"), 1,
                           load::LabPlan::maximumSeconds, tr(" s"));
    m_runs = addSpinBox(tr("Runs"), tr("Of each variant; A and B take turns"), 1, load::LabPlan::maximumRuns, {});
    m_rate->setValue(load::LabPlan().rate);
    m_seconds->setValue(load::LabPlan().seconds);
    for (const practice::Experiment &experiment : experiments)
        m_experiment->addItem(experiment.title, experiment.name);
    connect(m_experiment, &QComboBox::currentIndexChanged, this, &RunForm::onExperimentChanged);
    onExperimentChanged();
    setFocusProxy(m_experiment);
}

QSpinBox *RunForm::addSpinBox(const QString &label, const QString &help, int least, int most, const QString &unit)
{
    auto *box = new QSpinBox;
    box->setRange(least, most);
    box->setSuffix(unit);
    box->setToolTip(help);
    box->setAccessibleName(label);
    box->setAccessibleDescription(help);
    m_layout->addRow(label, box);
    return box;
}

const practice::Experiment &RunForm::experiment() const
{
    return m_experiments[std::max(0, m_experiment->currentIndex())];
}

void RunForm::onExperimentChanged()
{
    const practice::Experiment &chosen = experiment();
    m_experiment->setToolTip(chosen.title); // there may be no room for all of it
    m_description->setText(chosen.description);
    fitDescription();
    for (QComboBox *box : {m_a, m_b}) {
        box->clear();
        for (const practice::ExperimentVariant &variant : chosen.variants) {
            box->addItem(QString::fromUtf8(variant.name), variant.name);
            box->setItemData(box->count() - 1, variant.description, Qt::ToolTipRole);
        }
    }
    m_a->setCurrentIndex(0);
    // The first right one that is not A, or else the last.
    int right = m_b->count() - 1;
    for (int i = m_b->count() - 1; i > 0; --i)
        right = chosen.variants[i].right ? i : right;
    m_b->setCurrentIndex(right);
    addParameters();
    m_runs->setValue(defaultRuns(chosen.kind));
    const bool probed =
        chosen.kind == practice::Experiment::Kind::Latency || chosen.kind == practice::Experiment::Kind::Duration;
    m_rate->setEnabled(probed);
    m_seconds->setEnabled(probed);
}

// QFormLayout gives a text that wraps the height of its size hint, which guesses a width: a long one lost lines.
void RunForm::fitDescription()
{
    const QMargins margins = m_layout->contentsMargins();
    const int room = width() - margins.left() - margins.right();
    m_description->setMinimumHeight(0); // which QLabel::heightForWidth() would not go below
    m_description->setFixedHeight(std::max(0, m_description->heightForWidth(std::max(1, room)))); // -1: no text
}

void RunForm::resizeEvent(QResizeEvent *event)
{
    QWidget::resizeEvent(event);
    if (event->size().width() != event->oldSize().width())
        fitDescription();
}

void RunForm::addParameters()
{
    for (QSpinBox *box : std::as_const(m_parameters))
        m_layout->removeRow(box); // deletes it and its label
    m_parameters.clear();
    for (const practice::ExperimentParameter &parameter : experiment().parameters) {
        auto *box = new QSpinBox;
        box->setRange(toInt(parameter.minimum), toInt(parameter.maximum));
        box->setValue(toInt(parameter.standard));
        if (!parameter.unit.isEmpty())
            box->setSuffix(u' ' + QString::fromUtf8(parameter.unit));
        box->setToolTip(parameter.description);
        box->setAccessibleName(QString::fromUtf8(parameter.name));
        box->setAccessibleDescription(parameter.description);
        m_layout->insertRow(rowsAboveParameters + int(m_parameters.size()), QString::fromUtf8(parameter.name), box);
        m_parameters.append(box);
    }
    // Tab goes from top to bottom although the parameters came last.
    QList<QSpinBox *> boxes = m_parameters;
    boxes += {m_rate, m_seconds, m_runs};
    QWidget *before = m_b;
    for (QSpinBox *box : std::as_const(boxes)) {
        setTabOrder(before, box);
        before = box;
    }
}

LabChoices RunForm::choices() const
{
    LabChoices choices;
    choices.variants = {m_a->currentData().toByteArray(), m_b->currentData().toByteArray()};
    for (qsizetype i = 0; i < m_parameters.size(); ++i)
        choices.parameters.append({experiment().parameters[i].name, m_parameters[i]->value()});
    choices.rate = m_rate->value();
    choices.seconds = m_seconds->value();
    choices.runs = m_runs->value();
    return choices;
}

bool RunForm::selectExperiment(const QByteArray &name)
{
    const int index = m_experiment->findData(name);
    if (index >= 0)
        m_experiment->setCurrentIndex(index);
    return index >= 0;
}

bool RunForm::setParameter(const QByteArray &name, qint64 value)
{
    for (qsizetype i = 0; i < m_parameters.size(); ++i) {
        if (experiment().parameters[i].name == name) {
            m_parameters[i]->setValue(toInt(value));
            return true;
        }
    }
    return false;
}

void RunForm::setLoad(int rate, int seconds, int runs)
{
    m_rate->setValue(rate);
    m_seconds->setValue(seconds);
    m_runs->setValue(runs);
}

} // namespace loopscope::app
