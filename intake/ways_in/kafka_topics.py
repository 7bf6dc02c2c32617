"""Reading a Kafka topic as a member of a consumer group: how far it was read stands in PostgreSQL, with the cases.

The offset of a partition moves in the transaction that takes its messages in, under the lock of its row, and a member
begins where that says. The group's own offsets are committed after it, and only tell others how far we are: a process
that dies between the two doubles nothing, and one that lost a partition while it was busy finds that others went on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from types import TracebackType
from typing import Final

from confluent_kafka import OFFSET_BEGINNING, Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka import Message as KafkaMessage
from django.db.models import F, QuerySet

from intake.models import Connector, Offset
from intake.sources.connector_settings import KafkaSettings
from intake.sources.reaching import ConnectorProblem, said_by
from intake.sources.reaching_brokers import judge_brokers, kafka_options, kafka_secrets
from intake.ways_in.connectors import opened_address
from intake.ways_in.stream_messages import AT_ONCE, BYTES_MOST, DEATHS_MOST, Message, take_in_messages

ANSWER_SECONDS: Final = 10
FIXED: Final = {
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    "auto.offset.reset": "earliest",
    "enable.partition.eof": True,
    # A member that dies is given up after this, and others read on.
    "session.timeout.ms": 10_000,
    "heartbeat.interval.ms": 2_000,
    # What lies read and not taken in stays within memory.
    "queued.max.messages.kbytes": 32_768,
    "fetch.message.max.bytes": 4 * BYTES_MOST,
}


class KafkaReader:
    """One member of the group. Raises ConnectorProblem from every call where the topic cannot be read."""

    def __init__(self, connector: Connector) -> None:
        self.connector = connector
        self.settings = KafkaSettings(**connector.settings)
        address = opened_address(connector)
        self._secrets = kafka_secrets(address)
        options = kafka_options(address)
        self._is_secure = options["security.protocol"].endswith("SSL")
        try:
            self._consumer = Consumer({**FIXED, **options, "group.id": self.settings.group}, logger=SILENT)
        except KafkaException as wrong:
            raise self._problem(wrong) from wrong
        self._assigned: set[int] = set()
        self._at_end: set[int] = set()

    def __enter__(self) -> KafkaReader:
        try:
            known = self._consumer.list_topics(self.settings.topic, timeout=ANSWER_SECONDS)
            judge_brokers(known.brokers, is_secure=self._is_secure)
            wrong = known.topics[self.settings.topic].error
            if wrong is not None:
                raise KafkaException(wrong)
            self._consumer.subscribe([self.settings.topic], on_assign=self._begin, on_revoke=self._lose)
        except KafkaException as away:
            self._consumer.close()
            raise self._problem(away) from away
        except ConnectorProblem:
            self._consumer.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._consumer.close()

    @property
    def is_idle(self) -> bool:
        """Whether all that is assigned was read to its end."""
        return bool(self._assigned) and self._at_end >= self._assigned

    def read(self, seconds: float) -> int:
        """Go through some messages, waiting so long for them. Returns how many."""
        try:
            found = [each for each in self._consumer.consume(AT_ONCE, timeout=seconds) if self._is_message(each)]
            places = {_name(each): (each.partition() or 0, each.offset() or 0) for each in found}
            if found:
                self._take_in([Message(_name(each), each.value()) for each in found], places)
                self._commit(list(places.values()))
        except KafkaException as away:
            raise self._problem(away) from away
        return len(found)

    def _take_in(self, messages: Sequence[Message], places: dict[str, tuple[int, int]]) -> None:
        """Together, but one by one where somebody died of what begins there; one that DEATHS_MOST readers died of is
        kept as rejected, and the others go on behind it."""
        mine = self._offsets({partition for partition, _offset in places.values()})
        chunks = [[each] for each in messages] if mine.filter(tries__gt=0).exists() else [messages]
        for chunk in chunks:
            told = self._offsets({places[each.name][0] for each in chunk})
            deaths = max(told.values_list("tries", flat=True))
            # Written before anything is read of them: who dies now has no time to say so.
            told.update(tries=F("tries") + 1)
            try:
                known = [replace(each, deaths=deaths if deaths >= DEATHS_MOST else 0) for each in chunk]
                take_in_messages(self.connector, self.settings.topic, known, lambda some: self._choose(some, places))
            finally:
                told.filter(tries__gt=0).update(tries=F("tries") - 1)

    def _offsets(self, partitions: set[int]) -> QuerySet[Offset]:
        """How far these partitions are; of one that is read for the first time nothing was taken in."""
        topic = self.settings.topic
        for each in sorted(partitions):
            Offset.objects.get_or_create(connector=self.connector, topic=topic, partition=each, defaults={"next": 0})
        return Offset.objects.filter(connector=self.connector, topic=topic, partition__in=partitions)

    def _is_message(self, each: KafkaMessage) -> bool:
        wrong = each.error()
        partition = each.partition() or 0
        if wrong is None:
            self._at_end.discard(partition)
            return True
        if wrong.code() == KafkaError._PARTITION_EOF:
            self._at_end.add(partition)
            return False
        raise KafkaException(wrong)

    def _choose(self, messages: Sequence[Message], named: dict[str, tuple[int, int]]) -> list[int]:
        """Those behind what was taken in of their partition, which moves on with them. Two members at once, one of
        which lost the partition: the lock of its row lets one after the other look how far it is."""
        reached: dict[int, int] = defaultdict(int)
        for message in messages:
            partition, offset = named[message.name]
            reached[partition] = max(reached[partition], offset + 1)
        mine = Offset.objects.filter(connector=self.connector, topic=self.settings.topic)
        fresh = []
        for partition in sorted(reached):
            row = mine.select_for_update().get(partition=partition)
            fresh += [
                place
                for place, message in enumerate(messages)
                if named[message.name][0] == partition and named[message.name][1] >= row.next
            ]
            mine.filter(pk=row.pk, next__lt=reached[partition]).update(next=reached[partition], tries=0)
        return sorted(fresh)

    def _commit(self, places: Sequence[tuple[int, int]]) -> None:
        ends = {partition: offset + 1 for partition, offset in sorted(places)}
        told = [TopicPartition(self.settings.topic, partition, end) for partition, end in ends.items()]
        try:
            self._consumer.commit(offsets=told, asynchronous=False)
        except KafkaException:
            # The group is being dealt anew, or its coordinator is away: what was read stands in our own offsets.
            return

    def _begin(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Where our own record says. A topic that was made anew ends before that: it is read from its beginning."""
        known = dict(
            Offset.objects.filter(connector=self.connector, topic=self.settings.topic).values_list("partition", "next")
        )
        for each in partitions:
            if each.partition not in known:
                continue
            _low, end = consumer.get_watermark_offsets(each, timeout=ANSWER_SECONDS)
            each.offset = known[each.partition] if known[each.partition] <= end else OFFSET_BEGINNING
            if each.offset == OFFSET_BEGINNING:
                anew = Offset.objects.filter(connector=self.connector, topic=each.topic, partition=each.partition)
                anew.filter(next=known[each.partition]).update(next=0)
        self._assigned = {each.partition for each in partitions}
        self._at_end = set()
        consumer.assign(partitions)

    def _lose(self, consumer: Consumer, partitions: list[TopicPartition]) -> None:
        """Nothing is in hand between two reads: what was read is through."""
        self._assigned, self._at_end = set(), set()
        consumer.unassign()

    def _problem(self, away: KafkaException) -> ConnectorProblem:
        wrong = away.args[0]
        return ConnectorProblem("no_connection", said=said_by(Exception(wrong.str()), self._secrets))


def _name(each: KafkaMessage) -> str:
    return f"{each.topic()}[{each.partition()}]@{each.offset()}"


class _Silent:
    """librdkafka's log, which repeats every second that a broker is away: what matters is raised."""

    def log(self, *_said: object) -> None:
        """Nothing."""


SILENT: Final = _Silent()
