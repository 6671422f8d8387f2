"""What takes the rows of a stream without an Arrow batch between: made by measures, handed to a stream."""


cdef class RowSink:
    def __init__(self):
        raise TypeError("a measure makes its sink, as Prorated.sink does")

    def __dealloc__(self):
        del self.sink
