"""A small version of the replaced profile backend: the same contract on FastAPI, SQLAlchemy, passlib and python-jose.

Set up as in FastAPI's tutorials ("OAuth2 with Password (and hashing), Bearer with JWT tokens" and "SQL (Relational)
Databases"): plain `def` operations, which FastAPI runs in its thread pool, and a database session per request. SQLite
is in WAL mode and its connections are pooled, which is SQLAlchemy's default only since 2.0.
"""

import os
from datetime import datetime, timedelta
from typing import Optional

from fastapi import Depends, FastAPI, HTTPException
from fastapi.security import OAuth2PasswordBearer, OAuth2PasswordRequestForm
from jose import JWTError, jwt
from passlib.context import CryptContext
from pydantic import BaseModel
from sqlalchemy import Column, Integer, String, create_engine, event
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, declarative_base, sessionmaker
from sqlalchemy.pool import QueuePool

SECRET_KEY = os.environ["SECRET_KEY"]
ALGORITHM = "HS256"
ACCESS_TOKEN_EXPIRE_MINUTES = 60

# One connection per thread of FastAPI's thread pool.
engine = create_engine(
    os.environ["DATABASE_URL"],
    connect_args={"check_same_thread": False},
    poolclass=QueuePool,
    pool_size=40,
)


@event.listens_for(engine, "connect")
def use_wal(connection, _record):
    connection.execute("PRAGMA journal_mode = WAL")


SessionLocal = sessionmaker(autocommit=False, autoflush=False, bind=engine)
Base = declarative_base()


class User(Base):
    __tablename__ = "users"
    __table_args__ = {"sqlite_autoincrement": True}

    id = Column(Integer, primary_key=True)
    email = Column(String, unique=True, index=True, nullable=False)
    hashed_password = Column(String, nullable=False)
    name = Column(String)
    bio = Column(String, nullable=False, default="")


Base.metadata.create_all(bind=engine)


class SignUp(BaseModel):
    email: str
    password: str
    name: Optional[str] = None


class Profile(BaseModel):
    id: int
    email: str
    name: Optional[str] = None
    bio: str


class Token(BaseModel):
    access_token: str
    token_type: str


app = FastAPI()
passwords = CryptContext(schemes=["bcrypt"], deprecated="auto")
oauth2_scheme = OAuth2PasswordBearer(tokenUrl="/auth/login")


def get_db():
    db = SessionLocal()
    try:
        yield db
    finally:
        db.close()


def get_current_user(token: str = Depends(oauth2_scheme), db: Session = Depends(get_db)) -> User:
    refused = HTTPException(
        status_code=401,
        detail="Could not validate credentials.",
        headers={"WWW-Authenticate": "Bearer"},
    )
    try:
        claims = jwt.decode(token, SECRET_KEY, algorithms=[ALGORITHM])
        user_id = int(claims["sub"])
    except (JWTError, KeyError, ValueError):
        raise refused
    user = db.query(User).filter(User.id == user_id).first()
    if user is None:
        raise refused
    return user


def profile_of(user: User) -> Profile:
    return Profile(id=user.id, email=user.email, name=user.name, bio=user.bio)


@app.post("/auth/signup", response_model=Profile, status_code=201)
def sign_up(body: SignUp, db: Session = Depends(get_db)):
    user = User(email=body.email, hashed_password=passwords.hash(body.password), name=body.name)
    db.add(user)
    try:
        db.commit()
    except IntegrityError:
        raise HTTPException(status_code=400, detail="Email already registered")
    return profile_of(user)


@app.post("/auth/login", response_model=Token)
def log_in(form: OAuth2PasswordRequestForm = Depends(), db: Session = Depends(get_db)):
    user = db.query(User).filter(User.email == form.username).first()
    if user is None or not passwords.verify(form.password, user.hashed_password):
        raise HTTPException(status_code=400, detail="Incorrect email or password")
    expires = datetime.utcnow() + timedelta(minutes=ACCESS_TOKEN_EXPIRE_MINUTES)
    token = jwt.encode({"sub": str(user.id), "exp": expires}, SECRET_KEY, algorithm=ALGORITHM)
    return Token(access_token=token, token_type="bearer")


@app.get("/profile/me", response_model=Profile)
def read_profile(user: User = Depends(get_current_user)):
    return profile_of(user)
