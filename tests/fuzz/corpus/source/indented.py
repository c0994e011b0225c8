@decorated(
    "x")
class Table(Base):
    """def no(): {"""
    def row(self, at=[1,
            2]):
        # def neither():
        if at: return f'{at!r}'
        async def inner(): \
            pass
    rows = 1

lambda x: x
