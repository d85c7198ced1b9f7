"""Parts of an analysis or a scan that a user brings: functions of bars, scorecards of rules.

``decorators`` declares them and ``packing`` sends them from the kernel; ``unpacking``, ``calling``
and ``judging`` have them run in a worker. Nothing is unpickled anywhere else.
"""
