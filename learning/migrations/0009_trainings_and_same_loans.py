"""Trainings that people ask for in the browser, and the reason of a loan that two sources tell."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("learning", "0008_inferred_of_declined"),
        ("scoring", "0009_stream_taught_by"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="label",
            name="exclusion",
            field=models.CharField(
                blank=True,
                choices=[
                    ("early_bad", "Bad before its window was over: the goods of its age are not known yet"),
                    ("immature", "Good so far: its window is not over"),
                    ("not_repayment", "A person's view, not repayment"),
                    ("inferred", "Inferred: for sensitivity analysis only"),
                    ("restated", "Restated by a later outcome"),
                    ("facts_changed", "The facts on record are not those it was decided on"),
                    ("same_loan", "The same loan, told by another source before"),
                ],
                db_default="",
                default="",
                max_length=15,
            ),
        ),
        migrations.CreateModel(
            name="Training",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("recipe", models.CharField(max_length=30)),
                (
                    "weights",
                    models.CharField(
                        choices=[
                            ("propensity", "each loan by the weight that the set holds for it"),
                            ("none", "each loan once"),
                        ],
                        default="propensity",
                        max_length=10,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("waiting", "Waiting"),
                            ("training", "Being trained"),
                            ("done", "Trained"),
                            ("failed", "Not trained"),
                        ],
                        default="waiting",
                        max_length=8,
                    ),
                ),
                ("asked_at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("done", models.PositiveIntegerField(default=0)),
                ("total", models.PositiveIntegerField(default=0)),
                ("doing", models.CharField(blank=True, default="", max_length=60)),
                ("beat_at", models.DateTimeField(null=True)),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                ("problem", models.JSONField(default=dict)),
                (
                    "asked_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "dataset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="trainings", to="learning.trainingset"
                    ),
                ),
                (
                    "model",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="trainings",
                        to="scoring.modelversion",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["waiting", "training"])),
                        fields=("dataset", "recipe", "weights"),
                        name="training_asked_once",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "training")), fields=("state",), name="training_one_at_a_time"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "recipe__in",
                                (
                                    "blend",
                                    "scorecard",
                                    "logistic_regression",
                                    "decision_tree",
                                    "random_forest",
                                    "hist_gradient_boosting",
                                    "gradient_boosting",
                                    "xgboost",
                                ),
                            )
                        ),
                        name="training_of_a_known_recipe",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("weights__in", ["propensity", "none"])), name="training_weights_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("model__isnull", False), ("state", "done")),
                            models.Q(models.Q(("state", "done"), _negated=True), ("model__isnull", True)),
                            _connector="OR",
                        ),
                        name="training_done_gives_a_model",
                    ),
                ],
            },
        ),
    ]
